package demo_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/disclosure/giving/givingtest"
	"gongji/app/disclosure/ocds/ocdstest"
)

// TestTheDemonstrationIsOpenData holds every release and record of the whole
// demonstration against the schemas of OCDS 1.1.5, and its grants against those
// of 360Giving 1.4.3.
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
	body := e.Visitor().API("GET", "/public/360giving.json", nil).Want(200).Body
	if grants := givingtest.Package(t, body); len(grants) < 3 {
		t.Errorf("%d grants", len(grants))
	}
}
