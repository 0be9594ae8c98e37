package giving_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongji/app/disclosure/giving"
	"gongji/app/disclosure/giving/givingtest"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

var now = time.Date(2026, 11, 20, 9, 0, 0, 0, clock.Beijing)

func publisher(list ...giving.Award) *giving.Publisher {
	return giving.New(clock.NewManual(now), giving.Settings{Site: "https://gongji.test/"}, func(context.Context) ([]giving.Award, error) { return list, nil })
}

func award() giving.Award {
	start, end := now, now.AddDate(0, 6, 0)
	return giving.Award{Kind: "grant", ID: "01ABC", Title: "暖邻行动", Description: "上门照料独居老人", Amount: 140_950, Paid: 40_000*100 + 1, On: now, Start: &start, End: &end,
		Funder:    giving.Body{Org: "01F", Name: "横沥社区发展基金会", Code: "91654026MA78WT2Q66", Region: "广东省东莞市"},
		Recipient: giving.Body{Org: "01R", Name: "晨光社会工作服务中心"}, Programme: "公益创投", ProgrammeAt: "/calls/01C", OpenCall: true, At: "/grants/01ABC", Modified: now,
		Payments: []giving.Payment{{Number: "付款〔2026〕0001号", On: now, Amount: 20_000 * money.Yuan}}}
}

func TestThePackageIsOfTheStandard(t *testing.T) {
	second := award()
	second.Kind, second.Start, second.Description = "payment", nil, ""
	pkg, err := publisher(award(), second).Package(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(pkg)
	if err != nil {
		t.Fatal(err)
	}
	g := givingtest.Package(t, body)
	if len(g) != 2 || g[0].ID != "360G-gongji-grant-01ABC" || g[0].AmountAwarded != 1409.50 || g[0].Currency != "CNY" || g[0].FromOpenCall != "Yes" ||
		g[0].FundingOrganization[0].ID != "CN-USCI-91654026MA78WT2Q66" || g[0].RecipientOrganization[0].ID != "360G-gongji-org-01R" {
		t.Errorf("%s", body)
	}
	for _, exact := range []string{`"amountAwarded":1409.50,`, `"amountDisbursed":40000.01,`, `"duration":7`, `"downloadURL":"https://gongji.test/api/v1/public/360giving.json"`} {
		if !strings.Contains(string(body), exact) {
			t.Errorf("no %s in %s", exact, body)
		}
	}
	if pkg.Version != "1.4" || !strings.HasSuffix(pkg.Modified, "+08:00") {
		t.Errorf("%+v", pkg)
	}
	// The schema is not empty words: a package without a grant, or a grant
	// without a recipient, is refused by it.
	for _, bad := range []string{`{"grants":[]}`, strings.Replace(string(body), "recipientOrganization", "recipient", 1)} {
		if givingtest.Valid([]byte(bad)) == nil {
			t.Errorf("the schema takes %.80s", bad)
		}
	}
}

func TestWhatIsNotPublished(t *testing.T) {
	if _, err := publisher().Package(t.Context()); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "至少有一笔资助") {
		t.Errorf("an empty package: %v", err)
	}
	if some, err := publisher().Any(t.Context()); some || err != nil {
		t.Error(some, err)
	}
	if _, err := publisher(award(), award()).Package(t.Context()); err == nil {
		t.Error("one id twice")
	}
	for _, change := range []func(*giving.Award){func(a *giving.Award) { a.Amount = -1 }, func(a *giving.Award) { a.Paid = -1 }, func(a *giving.Award) { a.Payments[0].Amount = -1 }} {
		a := award()
		change(&a)
		if _, err := publisher(a).Package(t.Context()); err == nil {
			t.Errorf("%+v was published", a)
		}
	}
}

func TestTheExportIsWholeOrNotThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "grants.json")
	if _, err := publisher().Export(t.Context(), file); err == nil {
		t.Error("exported nothing")
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	n, err := publisher(award()).Export(t.Context(), file)
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	givingtest.Package(t, body)
}
