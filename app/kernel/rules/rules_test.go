package rules

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

func day(y int, m time.Month, d, h int) time.Time {
	return time.Date(y, m, d, h, 0, 0, 0, clock.Beijing)
}

var today = day(2026, 11, 20, 9)

func TestShippedDataLoads(t *testing.T) {
	all, err := load()
	if err != nil || len(all) < 100 {
		t.Fatal(len(all), err)
	}
	if len(Methods()) != 9 || len(Events()) < 20 {
		t.Fatal(Methods())
	}
	for _, r := range all {
		for _, m := range r.Methods {
			if _, ok := MethodByID(m); !ok {
				t.Errorf("%s names the method %s", r.ID, m)
			}
		}
		for _, e := range []string{r.Anchor, r.Until} {
			if r.Topic == "procurement" && e != "" && eventAt(e) < 0 {
				t.Errorf("%s names the event %s", r.ID, e)
			}
		}
	}
}

// Every constant of ids.go is in force on any day from 2026-02-01.
func TestEveryIDIsInForce(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "ids.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && !strings.HasPrefix(v.Names[0].Name, "Method") {
			id, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		return true
	})
	if len(ids) < 100 {
		t.Fatalf("only %d ids found", len(ids))
	}
	for d := day(2026, 2, 1, 0); d.Year() < 2031; d = d.AddDate(0, 0, 7) {
		s := At(d)
		for _, id := range ids {
			if s.Must(id).ID != id {
				t.Fatalf("%s is not in force on %s", id, s.Day())
			}
		}
	}
}

func TestFactsOfTheLaw(t *testing.T) {
	s := At(today)
	for id, want := range map[string]string{
		OpenDocumentsToDeadline:         "不少于20日（政府采购法第35条）",
		OpenDocumentsOnOffer:            "不少于5个工作日（政府采购法实施条例第31条）",
		OpenPanelExperts:                "不少于三分之二（财政部令第87号第47条）",
		OpenPanelLargeBudget:            "不少于1,000.00万元（财政部令第87号第47条，待核）",
		OpenPriceWeight:                 "不少于10%（财政部令第87号第55条）",
		OpenNoticePeriod:                "不少于5个工作日（财政部令第87号第16条，待核）",
		ConsultationDocumentsToDeadline: "不少于10日（财库〔2014〕214号第10条）",
		ConsultationPriceWeightMax:      "不超过30%（财库〔2014〕214号第24条）",
		ConsultationMinBiddersService:   "不少于2家（财库〔2015〕124号）",
		BidBond:                         "不超过2%（政府采购法实施条例第33条）",
		ContractSign:                    "30日内（政府采购法第46条）",
		AbnormalCeilingRate:             "低于45%（财库〔2026〕2号）",
		BandExcellent:                   "不少于90分（财预〔2020〕10号）",
		CharityYearlyReport:             "5月31日前（民政部令第81号）",
		CampaignPublish:                 "3个月内（慈善法第78–79条）",
		TaxRating:                       "不少于3A（公益性捐赠税前扣除资格认定）",
		ReceiptTwoPeople:                "复核人与收款人不得为同一人（财综〔2024〕1号第6条）",
	} {
		if got := s.Must(id).Label(); got != want {
			t.Errorf("%s: %s; want %s", id, got, want)
		}
	}
	if (Rule{}).Label() != "" {
		t.Error("the zero rule says something")
	}
	if s.Of(MethodConsultation, "panel_size").Value != 3 || s.Of(MethodOpen, "contract.sign").Value != 30 || s.Of("x", "y").ID != "" {
		t.Error("Of")
	}
}

func TestLawBeginsAndEnds(t *testing.T) {
	if _, ok := At(day(2026, 1, 31, 23)).Get(AbnormalMeanRate); ok {
		t.Error("财库〔2026〕2号 before its day")
	}
	if _, ok := At(time.Date(2026, 1, 31, 16, 0, 0, 0, time.UTC)).Get(AbnormalMeanRate); !ok {
		t.Error("2月1日 begins at midnight in Beijing")
	}
	if _, ok := At(day(2026, 9, 30, 23)).Get("emergency.contract.addition"); ok {
		t.Error("财库〔2026〕12号 before its day")
	}
	to := "2026-12-31"
	old := Rule{ID: "x", Name: "甲", Bound: Min, Value: 20, Unit: Days, Article: "旧", EffectiveFrom: "2020-01-01", EffectiveTo: &to, Jurisdiction: "CN"}
	next := old
	next.EffectiveFrom, next.EffectiveTo, next.Value = "2027-01-01", nil, 15
	if err := check(next, []Rule{old}); err != nil {
		t.Error(err)
	}
	if on([]Rule{old, next}, "2026-12-31").Must("x").Value != 20 || on([]Rule{old, next}, "2027-01-01").Must("x").Value != 15 {
		t.Error("the wrong version is in force")
	}
	next.EffectiveFrom = to
	if check(next, []Rule{old}) == nil {
		t.Error("two versions on one day were accepted")
	}
}

func TestFreezeAndThaw(t *testing.T) {
	s := At(today).For(MethodOpen)
	if _, ok := s.Get(ConsultationPanelSize); ok {
		t.Error("a rule of another method was frozen")
	}
	if _, ok := s.Get(CharityPlatform); ok {
		t.Error("a rule of another topic was frozen")
	}
	a, err := s.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Thaw(a)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := back.Freeze()
	if !bytes.Equal(a, b) || back.Day() != "2026-11-20" || back.Must(OpenPanelSize).Label() != s.Must(OpenPanelSize).Label() {
		t.Errorf("%s\n%s", a, b)
	}
	for _, bad := range []string{"", "{", `{"rules":[{"id":""}]}`, `{"rules":[{"id":"x"}]}`} {
		if _, err := Thaw([]byte(bad)); err == nil {
			t.Errorf("%q thawed", bad)
		}
	}
}

func TestMethods(t *testing.T) {
	for _, m := range Methods() {
		_, err := Offered(m.ID, today)
		if m.ID == MethodInquiry {
			t.Run("法32 询价只适用于货物", func(t *testing.T) {
				if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "政府采购法第32条") {
					t.Error(err)
				}
			})
			continue
		}
		if err != nil || m.Name == "" || m.Article == "" || len(m.Scoring) == 0 {
			t.Error(m, err)
		}
		for _, c := range append(m.Grounds, m.Ways...) {
			if c.Text == "" || c.Article == "" || (c.Least != "" && At(today).Of(m.ID, c.Least).ID == "") {
				t.Error(m.ID, c)
			}
		}
		if least := At(today).Of(m.ID, "min_bidders"); least.ID == "" {
			t.Errorf("%s does not say how few may take part", m.ID)
		}
	}
	for _, id := range []string{"", "x"} {
		if _, err := Offered(id, today); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "请选择") {
			t.Errorf("%s: %v", id, err)
		}
	}
	t.Run("12号 紧急采购自 2026-10-01", func(t *testing.T) {
		if _, err := Offered(MethodEmergency, day(2026, 9, 30, 23)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "财库〔2026〕12号") {
			t.Error(err)
		}
		if _, err := Offered(MethodEmergency, day(2026, 10, 1, 0)); err != nil {
			t.Error(err)
		}
	})
	t.Run("法40 询价一次报价，购买服务不得采用", func(t *testing.T) {
		if _, err := At(today).Schedule(MethodInquiry, nil, calendar.Default()); err != nil {
			t.Error(err)
		}
		if m, _ := MethodByID(MethodInquiry); m.Offered || At(today).For(MethodInquiry).Of(MethodInquiry, "one_price").ID == "" {
			t.Error("询价")
		}
	})
	if _, err := Deadlines(MethodInquiry, today, calendar.Default()); !strings.Contains(err.Error(), "政府采购法第32条") {
		t.Error(err)
	}
}

// A method that is run like another takes its rules, its own first, and never
// one that the other keeps to itself.
func TestAMethodLikeAnother(t *testing.T) {
	for _, s := range []Set{At(today), At(today).For(MethodInvited)} {
		if s.Of(MethodInvited, "panel_size").Value != 5 || s.Of(MethodInvited, "min_bidders").Value != 3 {
			t.Error("邀请招标 does not follow 公开招标")
		}
	}
	s := At(today)
	if s.Of(MethodFramework, "min_bidders").Value != 2 || s.Of(MethodFramework, "min_conforming").ID != "" || s.Of(MethodInvited, "notice_period").ID != "" {
		t.Error("框架协议")
	}
	if s.Of(MethodEmergency, "contract.addition").Value != 3000 || s.Of(MethodOpen, "contract.addition").Value != 1000 {
		t.Error("法49, 12号")
	}
}

func TestDeadlines(t *testing.T) {
	for method, want := range map[string][]string{
		MethodOpen: {
			"open.documents_on_offer 不早于 2026年11月27日 24:00（政府采购法实施条例第31条）",
			"open.notice_period 不早于 2026年11月27日 24:00（财政部令第87号第16条，待核）",
			"open.documents_to_deadline 不早于 2026年12月10日（政府采购法第35条）",
		},
		MethodConsultation: {
			"consultation.documents_on_offer 不早于 2026年11月27日 24:00（财库〔2014〕214号第10条）",
			"consultation.documents_to_deadline 不早于 2026年11月30日（财库〔2014〕214号第10条）",
		},
	} {
		ms, err := Deadlines(method, today, calendar.Default())
		if err != nil || len(ms) != len(want) {
			t.Fatal(method, ms, err)
		}
		for i, m := range ms {
			if got := m.Rule.ID + " " + m.Text(); got != want[i] {
				t.Errorf("%s; want %s", got, want[i])
			}
		}
	}
}

func TestClocks(t *testing.T) {
	s, cal := At(today), calendar.Default()
	for id, want := range map[string]string{
		OpenClarificationBeforeDeadline: "不迟于 2026年11月5日 24:00（政府采购法实施条例第31条）",
		AwardReport:                     "不迟于 2026年11月24日 24:00（政府采购法实施条例第43条）",
		ContractPublish:                 "不迟于 2026年11月24日 24:00（政府采购法实施条例第50条）",
		ContractSign:                    "不迟于 2026年12月21日 24:00（政府采购法第46条）", // 20日 is a Sunday
		AbnormalExplain:                 "不早于 2026年11月20日 09:30（财库〔2026〕2号）",
		FilesKeep:                       "不早于 2041年11月20日 24:00（政府采购法第42条）",
	} {
		m, err := s.Clock(id, today, cal)
		if err != nil || m.Text() != want {
			t.Errorf("%s: %s %v; want %s", id, m.Text(), err, want)
		}
	}
	m, err := s.Clock(ContractSign, day(2026, 12, 15, 9), cal)
	if err != nil || m.At != nil || !strings.Contains(m.Text(), "未载入 2027 年工作日表") {
		t.Error(m, err)
	}
	for _, id := range []string{"none", BidBond} {
		if _, err := s.Clock(id, today, cal); !fault.Is(err, fault.Invalid) {
			t.Error(id, err)
		}
	}
	ms, err := s.Clocks(ContractSigned, MethodOpen, day(2026, 12, 24, 9), cal)
	if err != nil || len(ms) != 3 || ms[0].Rule.ID != ContractPublish || ms[2].At != nil {
		t.Error(ms, err)
	}
	if got := calendar.Until(monthsOn(day(2026, 1, 31, 9), 1)); got != "2026年2月28日 24:00" {
		t.Error(got)
	}
}

func TestSchedule(t *testing.T) {
	until := day(2026, 11, 28, 0)
	find := func(list []Moment, id string) Moment {
		for _, m := range list {
			if m.Rule.ID == id {
				return m
			}
		}
		t.Fatalf("%s is missing", id)
		return Moment{}
	}
	list, err := At(today).Schedule(MethodOpen, Known{Published: today, DocumentsUntil: until, DocumentsKnown: until}, calendar.Default())
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		IntentionBeforePurchase:         "不迟于 2026年10月21日 24:00（财库〔2020〕10号）",
		OpenDocumentsToDeadline:         "不早于 2026年12月10日（政府采购法第35条）",
		OpenClarificationBeforeDeadline: "不迟于 2026年11月25日 24:00（政府采购法实施条例第31条）",
		ChallengeWindowDocuments:        "不迟于 2026年12月8日 24:00（政府采购法实施条例第53条，待核）",
		AwardChoose:                     "评审报告送交后5个工作日内（政府采购法实施条例第43条）",
		ResultNoticePeriod:              "结果公告后满1个工作日（财政部令第87号第69条）",
	} {
		if got := find(list, id).Text(); got != want {
			t.Errorf("%s: %s; want %s", id, got, want)
		}
	}
	if !find(list, OpenClarificationBeforeDeadline).Assumed || find(list, OpenDocumentsToDeadline).Assumed {
		t.Error("what is assumed is not said")
	}
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if a.At == nil && b.At != nil || a.At != nil && b.At != nil && a.At.After(*b.At) {
			t.Errorf("%s before %s", a.Rule.ID, b.Rule.ID)
		}
	}
	known := Known{Published: today, BidDeadline: day(2026, 12, 11, 9)}
	list, err = At(today).Schedule(MethodConsultation, known, calendar.Default())
	if err != nil || find(list, ConsultationClarificationBeforeDeadline).Assumed {
		t.Error(list, err)
	}
	if at := find(list, ConsultationDocumentsToDeadline).Done(known); at == nil || !at.Equal(known[BidDeadline]) {
		t.Error(at)
	}
	if len(known.With(Evaluated, &today)) != 3 || len(known) != 2 {
		t.Error("With changed what it was asked of")
	}
}

func TestRecallIsThaw(t *testing.T) {
	b, _ := At(today).For(MethodOpen).Freeze()
	for range 2 {
		s, err := Recall(string(b))
		again, _ := s.Freeze()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatal(err)
		}
	}
	if _, err := Recall("{"); err == nil {
		t.Error("damaged data was recalled")
	}
}

func BenchmarkRecall(b *testing.B) {
	data, _ := At(today).For(MethodOpen).Freeze()
	for b.Loop() {
		if _, err := Recall(string(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestEveryClockRuns(t *testing.T) {
	for _, r := range At(today).All() {
		if r.Anchor == "" {
			continue
		}
		if _, err := clockOf(r, today, calendar.Default()); err != nil {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
}

func TestAtLeastIsExact(t *testing.T) {
	s := At(today)
	for _, c := range []struct {
		id         string
		got, whole int64
		want       bool
	}{
		{OpenPanelExperts, 2, 3, true}, {OpenPanelExperts, 3, 5, false}, {OpenPanelExperts, 4, 5, true}, {OpenPanelExperts, 4, 6, true},
		{OpenPriceWeight, 1000, 10000, true}, {OpenPriceWeight, 999, 10000, false}, {OpenPanelSize, 5, 0, true}, {OpenPanelSize, 4, 0, false},
	} {
		if s.Must(c.id).AtLeast(c.got, c.whole) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

func FuzzThaw(f *testing.F) {
	b, _ := At(today).For(MethodOpen).Freeze()
	f.Add(b)
	f.Add([]byte(`{"day":"x","rules":[{"id":"a","article":"b","unit":"bp","value":-1}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Thaw(b)
		if err != nil {
			return
		}
		for _, r := range s.All() {
			_ = r.Label()
		}
		if _, err := s.Freeze(); err != nil {
			t.Fatal(err)
		}
	})
}
