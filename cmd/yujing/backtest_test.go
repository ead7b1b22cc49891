package main

import (
	"strings"
	"testing"
	"time"

	"yujing/rules"
)

func TestPastInstantMeansTheSameInAllZones(t *testing.T) {
	zone := func(hours int) *rules.Risk {
		return &rules.Risk{Zone: time.FixedZone("", hours*3600)}
	}
	eight := time.Date(2025, 1, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	if at, err := pastInstant("--from", "2025-01-01", []*rules.Risk{zone(8), zone(8)}); err != nil || !at.Equal(eight) {
		t.Errorf("in one zone: %v, %v", at, err)
	}
	if _, err := pastInstant("--from", "2025-01-01", []*rules.Risk{zone(8), zone(9)}); err == nil || !strings.Contains(err.Error(), "write it with its zone") {
		t.Errorf("in two zones: %v", err)
	}
	if at, err := pastInstant("--from", "2025-01-01T00:00:00+08:00", []*rules.Risk{zone(9), zone(0)}); err != nil || !at.Equal(eight) {
		t.Errorf("with its zone: %v, %v", at, err)
	}
}
