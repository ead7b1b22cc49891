package main

import (
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	const pass = `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p","Elapsed":0.1}` + "\n"
	for _, c := range []struct {
		name, events string
		ci, ok       bool
		want         string
	}{
		{"passes", pass, true, true, "1 passed, 0 failed, 0 skipped"},
		{"fails", `{"Action":"output","Package":"p","Test":"TestB","Output":"wrong\n"}` + "\n" +
			`{"Action":"fail","Package":"p","Test":"TestB"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n", false, false, "wrong\n"},
		{"does not build", `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: no\n"}` + "\n" +
			`{"Action":"fail","Package":"p","FailedBuild":"p"}` + "\n", false, false, "0 passed, 1 failed, 0 skipped"},
		{"panics", `{"Action":"output","Package":"p","Test":"TestC","Output":"panic: x\n"}` + "\n" +
			`{"Action":"fail","Package":"p"}` + "\n", false, false, "panic: x"},
		{"nothing ran", "", false, false, "no test ran"},
		{"skip at home", `{"Action":"skip","Package":"p","Test":"TestD"}` + "\n" + pass, false, true, "1 passed, 0 failed, 1 skipped"},
		{"skip in CI", `{"Action":"output","Package":"p","Test":"TestD","Output":"    d.go:1: no server\n"}` + "\n" +
			`{"Action":"skip","Package":"p","Test":"TestD"}` + "\n" + pass, true, false, "no server"},
		{"slow", `{"Action":"pass","Package":"p","Test":"TestD","Elapsed":9}` + "\n" + `{"Action":"pass","Package":"p","Test":"TestE","Elapsed":11}` + "\n" +
			`{"Action":"pass","Package":"p","Test":"TestF","Elapsed":12}` + "\n", true, true, "slow p TestF 12.0s\nslow p TestE 11.0s\n3 passed"},
		{"not an event", "chatter\n" + pass, true, true, "chatter\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			s := summary{out: &out, pending: map[string][]string{}, failedIn: map[string]bool{}}
			s.read(strings.NewReader(c.events))
			if ok := s.close(c.ci); ok != c.ok || !strings.Contains(out.String(), c.want) {
				t.Errorf("ok %v, output:\n%s", ok, out.String())
			}
		})
	}
}
