package law

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestCite(t *testing.T) {
	for cited, want := range map[string]string{
		"":                    "",
		"政府采购法第35条":           "政府采购法第35条",
		"政府采购法 35":            "政府采购法 35",
		"政府采购法第29条":           "政府采购法第29条，待核",
		"政府采购法第55–57条":        "政府采购法第55–57条",
		"政府采购法第47、50条":        "政府采购法第47、50条，待核",
		"政府采购法实施条例第43条":       "政府采购法实施条例第43条",
		"实施条例第45条":            "实施条例第45条",
		"政府采购法实施条例第35条":       "政府采购法实施条例第35条，待核",
		"政府采购法第47条；实施条例第50条":  "政府采购法第47条；实施条例第50条",
		"政府采购法第47条；实施条例第51条":  "政府采购法第47条；实施条例第51条，待核",
		"财政部令第87号第39–41条":     "财政部令第87号第39–41条",
		"财政部令第87号第39–42条":     "财政部令第87号第39–42条，待核",
		"财政部令第94号":            "财政部令第94号",
		"财政部令第94号第16条":        "财政部令第94号第16条，待核",
		"财库〔2014〕214号第25条":    "财库〔2014〕214号第25条，待核",
		"财库〔2014〕214号第25条，待核": "财库〔2014〕214号第25条，待核",
		"财库〔2020〕100号":        "财库〔2020〕100号，待核",
		"某某办法第1条":             "某某办法第1条，待核",
	} {
		if got := Cite(cited); got != want {
			t.Errorf("%s is cited as %s, want %s", cited, got, want)
		}
	}
	if a, open := Split("财政部令第87号第68条，待核"); a != "财政部令第87号第68条" || !open {
		t.Error(a, open)
	}
	if a, open := Split("政府采购法第35条"); a != "政府采购法第35条" || open {
		t.Error(a, open)
	}
}

// names are the texts as the project's rules call them.
var names = map[string]string{"法": "政府采购法", "条例": "政府采购法实施条例", "87号令": "财政部令第87号", "22号": "财库〔2021〕22号", "财库〔2021〕22号": "财库〔2021〕22号",
	"财库〔2020〕10号": "财库〔2020〕10号", "102号令": "财政部令第102号"}

var (
	cell = regexp.MustCompile(`^(○)?(财库〔\d{4}〕\d+号|\d+号令|\d+号|条例|法)? ?([0-9–]+)?$`)
	line = regexp.MustCompile(`^\|.*\| ([^|]+) \| ([●○]) \|$`)
)

// TestTheListIsThatOfTheRules: testdata/rules.md holds the tables and
// paragraphs about law of the project's rules. Each ● of a table row is on the
// list, each ○ is not unless another row has read that article.
func TestTheListIsThatOfTheRules(t *testing.T) {
	var all []text
	if err := json.Unmarshal(list, &all); err != nil {
		t.Fatal(err)
	}
	md, err := os.ReadFile("testdata/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	certain, doubtful := map[string]bool{}, map[string]bool{}
	for l := range strings.SplitSeq(string(md), "\n") {
		m := line.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		name := ""
		for _, part := range regexp.MustCompile(`[,;] `).Split(m[1], -1) {
			c := cell.FindStringSubmatch(part)
			if c == nil {
				t.Errorf("cannot read %q", part)
				continue
			}
			if c[2] != "" {
				name = names[c[2]]
			}
			article := name
			if c[3] != "" {
				article += "第" + c[3] + "条"
			}
			if m[2] == "●" && c[1] == "" {
				certain[article] = true
			} else {
				doubtful[article] = true
			}
		}
	}
	if len(certain) < 25 || len(doubtful) < 3 {
		t.Fatalf("%d and %d articles were found", len(certain), len(doubtful))
	}
	for a := range certain {
		if !Read(a) {
			t.Errorf("the rules mark %s ●, the list lacks it", a)
		}
	}
	for a := range doubtful {
		if Read(a) && !certain[a] {
			t.Errorf("the rules mark %s ○, the list has it", a)
		}
	}
	// What stands in running text, one by one.
	for _, a := range []string{"财政部令第102号第5条", "财政部令第102号第8条", "财政部令第102号第10条", "财政部令第102号第11条", "财政部令第102号第14条", "财政部令第102号第23条",
		"财政部令第102号第24条", "财库〔2014〕214号第10条", "财库〔2014〕214号第14条", "财库〔2014〕214号第24条", "财库〔2015〕124号", "政府采购法第38条", "政府采购法第32条",
		"政府采购法第40条", "政府采购法第31条", "政府采购法实施条例第38条", "财库〔2026〕12号", "财库〔2026〕2号", "政府采购法第52–57条", "政府采购法实施条例第52–55条", "财政部令第94号"} {
		if !Read(a) {
			t.Errorf("the rules mark %s ●, the list lacks it", a)
		}
	}
	for _, a := range []string{"财政部令第102号第20条", "财政部令第102号第26条", "财库〔2014〕214号第25条", "财库〔2014〕214号第28条", "财政部令第110号", "财政部令第74号", "财库〔2022〕19号",
		"财政部令第87号第44条", "财政部令第87号第48条", "财政部令第87号第61条", "财政部令第87号第64条", "财预〔2020〕10号第13条", "财预〔2020〕10号第14条"} {
		if Read(a) {
			t.Errorf("the rules do not mark %s ●, the list has it", a)
		}
	}
}
