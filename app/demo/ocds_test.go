package demo_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/disclosure/ocds/ocdstest"
)

// TestTheDemonstrationIsOpenData holds every release and record of the whole
// demonstration against the schemas of OCDS 1.1.5.
func TestTheDemonstrationIsOpenData(t *testing.T) {
	e := apptest.Demo(t)
	all := ocdstest.All(t, e.OpenData)
	tags := map[string]int{}
	for _, r := range all {
		tags[r.Tag[0]]++
	}
	for _, tag := range []string{"tender", "tenderUpdate", "award", "contract"} {
		if tags[tag] == 0 {
			t.Errorf("no %s among %v", tag, tags)
		}
	}
}
