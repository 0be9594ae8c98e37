package tender

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// Form is a draft as it was typed. Nothing typed is lost, however wrong.
type Form struct {
	Values   map[string]string `json:"values"`
	Criteria []CriterionForm   `json:"criteria"`
	Packages []PackageForm     `json:"packages,omitempty"`
}

// CriterionForm is one row of the scoring table as typed; Weight in points: "12.5".
type CriterionForm struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Weight      string `json:"weight"`
	Kind        string `json:"kind"`
	Bands       string `json:"bands,omitempty"` // a line each: 3–5 个 = 20
}

// Get is one value as typed.
func (f Form) Get(name string) string { return f.Values[name] }

// The pages of the task list, in order.
const (
	PageBasic    = "basic"    // 基本信息
	PagePrepare  = "prepare"  // 需求调查与采购意向
	PageFour     = "four"     // 四问
	PageNeed     = "need"     // 实质性要求与合同
	PageMoney    = "money"    // 预算与最高限价
	PagePackages = "packages" // 分包
	PageMethod   = "method"   // 资格与方式
	PageParties  = "parties"  // 情形与供应商
	PageScoring  = "scoring"  // 评分表
	PageSchedule = "schedule" // 时间地点
)

// Pages lists the pages of the task list.
var Pages = []string{PageBasic, PagePrepare, PageFour, PageNeed, PageMoney, PagePackages, PageMethod, PageParties, PageScoring, PageSchedule}

// field is one question of the form: where it is asked and how long an answer
// may be, in characters.
type field struct {
	name, page string
	limit      int
}

var fields = []field{
	{"title", PageBasic, 120}, {"catalogue_code", PageBasic, 20}, {"region", PageBasic, 60},
	{"public_service", PageBasic, 3},
	{"negative_1", PageBasic, 3}, {"negative_2", PageBasic, 3}, {"negative_3", PageBasic, 3},
	{"negative_4", PageBasic, 3}, {"negative_5", PageBasic, 3}, {"negative_6", PageBasic, 3},
	{"survey_basis", PagePrepare, 20}, {"survey_note", PagePrepare, 2000}, {"public_opinion", PagePrepare, 2000}, {"intention", PagePrepare, 40}, {"intention_exempt", PagePrepare, 1000},
	{"requirements", PageNeed, 8000}, {"contract_terms", PageNeed, 8000}, {"bid_format", PageNeed, 4000},
	{"package_limits", PagePackages, 500},
	{"what", PageFour, 8000}, {"from_whom", PageFour, 4000}, {"for_whom", PageFour, 4000},
	{"budget", PageMoney, 40}, {"ceiling_kind", PageMoney, 10}, {"ceiling", PageMoney, 40}, {"ceiling_unit", PageMoney, 20},
	{"ceiling_quantity", PageMoney, 20}, {"ceiling_cap", PageMoney, 40},
	{"term_months", PageMoney, 10}, {"term_start", PageMoney, 30}, {"term_end", PageMoney, 30},
	{"term_reason", PageMoney, 1000}, {"term_note", PageMoney, 200},
	{"method", PageMethod, 20}, {"scoring", PageMethod, 20}, {"fixed_price", PageMethod, 3}, {"sme_reserved", PageMethod, 4},
	{"sme_share", PageMethod, 10}, {"sme_deduction", PageMethod, 10}, {"sme_consortium", PageMethod, 10},
	{"abnormal_mean", PageMethod, 10}, {"abnormal_second", PageMethod, 10}, {"abnormal_ceiling", PageMethod, 10},
	{"ground", PageParties, 20}, {"ground_reason", PageParties, 2000}, {"framework", PageParties, 60},
	{"way", PageParties, 20}, {"invited", PageParties, 6000}, {"way_reason", PageParties, 2000},
	{"documents_from", PageSchedule, 30}, {"documents_until", PageSchedule, 30}, {"deadline", PageSchedule, 30},
	{"opening_place", PageSchedule, 200}, {"contact", PageSchedule, 120},
}

var pageOf = func() map[string]string {
	m := map[string]string{}
	for _, f := range fields {
		m[f.name] = f.page
	}
	return m
}()

// FieldsOf lists the names of the fields that a page asks for.
func FieldsOf(page string) []string {
	var out []string
	for _, f := range fields {
		if f.page == page {
			out = append(out, f.name)
		}
	}
	return out
}

// PageOf is the page a complaint belongs to.
func PageOf(name string) string {
	if name == "criteria" || strings.HasPrefix(name, "criteria.") {
		return PageScoring
	}
	if name == "packages" || strings.HasPrefix(name, "packages.") {
		return PagePackages
	}
	return pageOf[name]
}

// Patch changes a part of a draft: only the values named, and the scoring
// table and the packages if they are not nil.
type Patch struct {
	Values   map[string]string
	Criteria []CriterionForm
	Packages []PackageForm
}

const (
	maxCriteria     = 40
	maxRequirements = 40
)

// apply keeps what was typed. Only what could not be stored at all is
// refused: unknown names and text beyond twice any limit.
func (f *Form) apply(p Patch) error {
	var c fault.Check
	if f.Values == nil {
		f.Values = map[string]string{}
	}
	for name, v := range p.Values {
		if _, known := pageOf[name]; !known {
			c.Fail(name, "没有“%.30s”这一项，请核对字段名", name)
			continue
		}
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			c.Fail(name, "内容里有无法识别的字符，请重新输入")
			continue
		}
		if utf8.RuneCountInString(v) > 20_000 {
			c.Fail(name, "内容超过 2 万字，请改用附件")
			continue
		}
		f.Values[name] = v
	}
	if p.Criteria != nil {
		if len(p.Criteria) > maxCriteria {
			c.Fail("criteria", "评分项不超过 %d 项，请合并", maxCriteria)
		} else {
			f.Criteria = p.Criteria
		}
	}
	if p.Packages != nil {
		if len(p.Packages) > maxPackages {
			c.Fail("packages", "不超过 %d 个包，请分开采购", maxPackages)
		} else {
			f.Packages = p.Packages
		}
	}
	return c.Err()
}

// facts reads the form. Every value that cannot be read is a complaint and is
// left out; what is missing altogether is for the rules to say.
func (f Form) facts(c *fault.Check) Facts {
	r := reader{f, c}
	for _, x := range fields {
		if n := utf8.RuneCountInString(strings.TrimSpace(f.Get(x.name))); n > x.limit {
			c.Fail(x.name, "这一项最多 %d 个字，现在是 %d 个，请精简", x.limit, n)
		}
	}
	x := Facts{
		Title: r.text("title"), CatalogueCode: strings.ToUpper(r.text("catalogue_code")), Region: r.text("region"),
		What: r.text("what"), FromWhom: r.text("from_whom"), ForWhom: r.text("for_whom"),
		Ground: r.text("ground"), GroundReason: r.text("ground_reason"), Way: r.text("way"), WayReason: r.text("way_reason"),
		Method: r.text("method"), Scoring: r.text("scoring"), FixedPrice: r.text("fixed_price") == "yes",
		Budget:     r.amount("budget"),
		Ceiling:    Ceiling{Kind: r.text("ceiling_kind"), Amount: r.amount("ceiling")},
		TermMonths: r.count("term_months"), TermStart: r.moment("term_start", false), TermEnd: r.moment("term_end", true),
		TermReason: r.text("term_reason"), TermNote: r.text("term_note"),
		DocumentsFrom: r.moment("documents_from", false), DocumentsUntil: r.moment("documents_until", true),
		Deadline: r.moment("deadline", false), OpeningPlace: r.text("opening_place"), Contact: r.text("contact"),
		Criteria: []Criterion{},
	}
	if x.Ceiling.Kind == UnitPrice {
		x.Ceiling.Unit, x.Ceiling.Cap = r.text("ceiling_unit"), r.amount("ceiling_cap")
		if n := r.count("ceiling_quantity"); n != nil {
			q := int64(*n)
			x.Ceiling.Quantity = &q
		}
	}
	x.SMEReserved, x.PublicService = r.yes("sme_reserved"), r.yes("public_service")
	x.Small = Small{Share: r.rate("sme_share"), Deduction: r.rate("sme_deduction"), Consortium: r.rate("sme_consortium")}
	x.Abnormal = Abnormal{Mean: r.rate("abnormal_mean"), Second: r.rate("abnormal_second"), Ceiling: r.rate("abnormal_ceiling")}
	x.Requirements, x.ContractTerms, x.BidFormat = r.lines("requirements"), r.text("contract_terms"), r.text("bid_format")
	x.PublicOpinion = r.text("public_opinion")
	x.SurveyBasis, x.SurveyNote, x.IntentionExempt = r.text("survey_basis"), r.text("survey_note"), r.text("intention_exempt")
	if s := r.text("intention"); s != "" {
		n := id.ID(s)
		x.Intention = &n
	}
	x.Packages, x.PackageLimits = r.packages(), r.text("package_limits")
	for i, row := range f.Criteria {
		if m, ok := rules.MethodByID(x.Method); ok && !slices.Contains(m.Scoring, Comprehensive) {
			break // a table left over from another method
		}
		x.Criteria = append(x.Criteria, r.criterion(i, row))
	}
	x.fit()
	return x
}

type reader struct {
	form Form
	c    *fault.Check
}

func (r reader) text(name string) string { return strings.TrimSpace(r.form.Get(name)) }

func (r reader) yes(name string) *bool {
	s := r.text(name)
	if s == "" {
		return nil
	}
	yes := s == "yes"
	return &yes
}

// lines are the lines of a text that say something, without their ★.
func (r reader) lines(name string) []string {
	var out []string
	for line := range strings.Lines(r.text(name)) {
		if line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "★*")); line != "" {
			out = append(out, line)
		}
	}
	if len(out) > maxRequirements {
		r.c.Fail(name, "不超过 %d 条，请合并", maxRequirements)
		return nil
	}
	return out
}

func (r reader) amount(name string) *money.Fen {
	s := r.text(name)
	if s == "" {
		return nil
	}
	f, err := money.Parse(s)
	if err != nil {
		r.c.Adopt(name, err)
		return nil
	}
	return &f
}

func (r reader) count(name string) *int {
	s := r.text(name)
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1_000_000_000 {
		r.c.Fail(name, "请填写大于 0 的整数，例如 12")
		return nil
	}
	return &n
}

// moment reads a Beijing date or date and time, or an RFC 3339 moment. A bare
// date means its 00:00, or with until its 24:00.
func (r reader) moment(name string, until bool) *time.Time {
	s := r.text(name)
	if s == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006年1月2日 15:04"} {
		if t, err := time.ParseInLocation(layout, s, clock.Beijing); err == nil && sane(t) {
			t = clock.Trunc(t)
			return &t
		}
	}
	for _, layout := range []string{time.DateOnly, "2006年1月2日", "2006/1/2"} {
		if t, err := time.ParseInLocation(layout, s, clock.Beijing); err == nil && sane(t) {
			if until {
				t = t.AddDate(0, 0, 1)
			}
			t = clock.Trunc(t)
			return &t
		}
	}
	r.c.Fail(name, "请填写日期，例如 2026-12-21 或 2026-12-21 09:00")
	return nil
}

func sane(t time.Time) bool { return t.Year() >= 1949 && t.Year() < 2200 }

func (r reader) criterion(i int, row CriterionForm) Criterion {
	at := "criteria." + strconv.Itoa(i) + "."
	x := Criterion{Name: strings.TrimSpace(row.Name), Description: strings.TrimSpace(row.Description), Kind: row.Kind}
	n := utf8.RuneCountInString(x.Name)
	r.c.Must(n >= 1 && n <= 60, at+"name", "第 %d 项：请填写评分项名称，不超过 60 个字", i+1)
	r.c.Must(utf8.RuneCountInString(x.Description) <= 2000, at+"description", "第 %d 项：评分标准不超过 2000 个字", i+1)
	r.c.Must(x.Kind == PriceCriterion || x.Kind == ExpertCriterion || Recorded(x.Kind), at+"kind", "第 %d 项：请选择是价格分、专家评分还是按公开档案计算", i+1)
	w, err := weight(row.Weight)
	if err != nil {
		r.c.Fail(at+"weight", "第 %d 项：%s", i+1, err.Error())
	}
	x.Weight = w
	if x.Kind == ExpertCriterion || Recorded(x.Kind) {
		x.Bands = r.bands(at, i, row.Bands)
	}
	return x
}
