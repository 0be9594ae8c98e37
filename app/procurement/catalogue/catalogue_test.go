package catalogue_test

import (
	"testing"
	"time"

	"gongji/app/procurement/catalogue"
)

var today = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func TestShippedEditionIsWhole(t *testing.T) {
	c := catalogue.At(today)
	if c == nil || len(c.Entries) != 620 || len(c.CivilAffairs()) != 27 || len(c.Caution) == 0 {
		t.Fatalf("loaded %+v", c)
	}
	e, ok := c.Find(" c05010400 ")
	if !ok || e.Name != "养老服务" || !e.CivilAffairs {
		t.Errorf("C05010400 is %+v", e)
	}
	if p := c.Path("C05010400"); len(p) != 3 || p[1].Name != "社会保障服务" {
		t.Errorf("path %+v", p)
	}
	if catalogue.At(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) != nil {
		t.Error("an edition counts before it was in force")
	}
}

func TestSearchPutsCivilAffairsFirst(t *testing.T) {
	c := catalogue.At(today)
	for _, x := range []struct{ text, first string }{
		{"养老", "C05010400"}, {"C0502", "C05020000"}, {"社会 工作", "C05020300"}, {"", "C05010000"}, {"c050104", "C05010400"},
	} {
		got := c.Search(x.text, 10)
		if len(got) == 0 || len(got) > 10 || got[0].Code != x.first {
			t.Errorf("%q gives %+v", x.text, got)
		}
	}
	if got := c.Search("没有这种服务' OR 1=1", 10); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
	top := c.Children("C")
	if len(top) == 0 || top[0].Level != 1 {
		t.Errorf("top rows %+v", top)
	}
}

func TestADamagedEditionIsRefused(t *testing.T) {
	for _, s := range []string{
		`{`, `{"effective_from":"soon"}`,
		`{"effective_from":"2022-01-01","Entries":[{"code":"C1","name":"a","level":1},{"code":"C1","name":"b","level":1}]}`,
		`{"effective_from":"2022-01-01","Entries":[{"code":"C1","name":"a","level":2,"parent":"C0"}]}`,
	} {
		if _, err := catalogue.Load([]byte(s)); err == nil {
			t.Errorf("loaded %s", s)
		}
	}
}
