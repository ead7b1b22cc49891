package main

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// randomFacts are cases near the numbers that conditions compare with, and on them.
func randomFacts(n int) []facts {
	rng := rand.New(rand.NewPCG(1, 2))
	rows := make([]facts, n)
	for i := range rows {
		fields := reflect.ValueOf(&rows[i]).Elem()
		for j, f := range factList() {
			near := f.against[rng.IntN(len(f.against))] + rng.IntN(3) - 1
			if field := fields.Field(j); field.CanInt() {
				field.SetInt(int64(near))
			} else {
				field.SetFloat(float64(near) + float64(rng.IntN(3)-1)/1024)
			}
		}
	}
	return rows
}

// What is compared must mean the same, or the times mean nothing.
func TestLibrariesSayTheSame(t *testing.T) {
	if err := fieldsMatch(); err != nil {
		t.Fatal(err)
	}
	list, rows := conditions(conditionCount), randomFacts(301)
	_, want, err := evaluate(rows, newExpr(list))
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range want {
		if n == 0 || n == len(rows) {
			t.Errorf("condition %d holds for %d of %d rows: it tells nothing", i, n, len(rows))
		}
	}
	for name, l := range map[string]func() (library, error){"cel-go": newCEL(list), "OPA": newOPA(t.Context(), list)} {
		_, got, err := evaluate(rows, l)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s says\n%v\nexpr says\n%v", name, got, want)
		}
	}
}
