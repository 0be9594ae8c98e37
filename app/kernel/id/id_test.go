package id

import (
	"slices"
	"sync"
	"testing"
	"time"
)

func TestIdentifiersSortInTheOrderTheyWereMade(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	var made []ID
	for range 3 {
		for range 1000 {
			made = append(made, New(at))
		}
		at = at.Add(time.Millisecond)
	}
	if !slices.IsSorted(made) {
		t.Error("identifiers of one millisecond do not sort as they were made")
	}
	for _, v := range made {
		if !Valid(string(v)) {
			t.Fatalf("%q is not an identifier", v)
		}
	}
	if a, b := made[0][:10], New(at.Add(-3 * time.Millisecond))[:10]; a != b {
		t.Errorf("the same moment reads %s and %s", a, b)
	}
}

func TestIdentifiersMadeAtOnceDiffer(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	made := make([][]ID, 8)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			for range 2000 {
				made[i] = append(made[i], New(at))
			}
		})
	}
	wg.Wait()
	all := slices.Concat(made...)
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 16000 {
		t.Errorf("%d different identifiers of 16000", n)
	}
}

func FuzzValid(f *testing.F) {
	f.Add("01JQ8XKF2M7YB4C3D5E6F7G8H9")
	f.Add("../../etc/passwd")
	f.Fuzz(func(t *testing.T, s string) {
		if Valid(s) && len(s) != 26 {
			t.Errorf("%q passes", s)
		}
	})
}
