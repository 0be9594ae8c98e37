package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
)

// files are copies of real-input/: facts of real public notices and
// disclosures, with the names of private persons left out.
//
//go:embed data/*
var files embed.FS

// notice is one record of tenders.json. A pointer is nil, and a text "",
// where the source says nothing.
type notice struct {
	ID            string   `json:"id"`
	Kind          string   `json:"kind"`
	Province      string   `json:"province"`
	Place         string   `json:"place"`
	Title         string   `json:"project_name"`
	Number        string   `json:"project_no"`
	Purchaser     string   `json:"purchaser"`
	Budget        *int64   `json:"budget_yuan"`
	BudgetNote    string   `json:"budget_note"`
	Ceiling       *int64   `json:"ceiling_yuan"`
	Award         *int64   `json:"award_yuan"`
	PerProject    *int64   `json:"per_project_yuan"`
	PerProjectMax *int64   `json:"per_project_max_yuan"`
	TiersOne      []int64  `json:"tiers_class1_yuan"`
	TiersTwo      []int64  `json:"tiers_class2_yuan"`
	Method        string   `json:"method"`
	Term          string   `json:"term"`
	Deadline      string   `json:"deadline"`
	Opens         string   `json:"opens"`
	Closes        string   `json:"closes"`
	Planned       string   `json:"planned"`
	Published     string   `json:"published"`
	Scope         string   `json:"scope"`
	Category      string   `json:"category"`
	Qualification string   `json:"qualification"`
	PolicyNote    string   `json:"policy_note"`
	Rules         []string `json:"rules"`
	Exclusions    []string `json:"exclusions"`
	Items         []string `json:"items"`
	Applicants    *int64   `json:"applicants"`
	Bidders       *int64   `json:"bidders"`
	Packages      *int64   `json:"packages"`
	Categories    *int64   `json:"categories"`
	Districts     *int64   `json:"districts"`
	Experts       *int64   `json:"experts"`
	AgencyFee     *int64   `json:"agency_fee_yuan"`
	DocumentsFrom string   `json:"documents_from"`
	DocumentsTo   string   `json:"documents_to"`
	Supplier      string   `json:"supplier"`
	SupplierUSCC  string   `json:"supplier_uscc"`
	Agency        string   `json:"agency"`
	NoticePeriod  string   `json:"notice_period"`
	SMEReserved   *bool    `json:"sme_reserved"`
	Consortium    *bool    `json:"consortium"`
	Source        string   `json:"source"`
}

func notices() (map[string]notice, error) {
	var in struct {
		Records []notice `json:"records"`
	}
	if err := read("tenders", &in); err != nil {
		return nil, err
	}
	out := map[string]notice{}
	for _, r := range in.Records {
		out[r.ID] = r
	}
	return out, nil
}

func read(name string, into any) error {
	b, err := files.ReadFile("data/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	return err
}

// seen are the days of notices that say none themselves but whose addresses
// do.
var seen = map[string]string{"T16": "2024-05-23", "T19": "2020-03-27", "T21": "2016-04-05", "T22": "2019-08-21"}

// when is the day the source says it was published, or nil.
func (n notice) when() *time.Time {
	for _, s := range []string{n.Published, n.Opens, seen[n.ID]} {
		if t, err := time.ParseInLocation(time.DateOnly, s, clock.Beijing); err == nil {
			t = clock.Trunc(t.Add(9 * time.Hour))
			return &t
		}
	}
	return nil
}

// ends is the moment the source closes at: its deadline, or 24:00 of the last
// day it names.
func (n notice) ends() *time.Time {
	if t, err := time.Parse("2006-01-02T15:04Z07:00", n.Deadline); err == nil {
		t = clock.Trunc(t)
		return &t
	}
	if t, err := time.ParseInLocation(time.DateOnly, n.Closes, clock.Beijing); err == nil {
		t = clock.Trunc(t.AddDate(0, 0, 1))
		return &t
	}
	return nil
}

// said is what the source says beyond the fields of a tender, in one sentence
// a fact, for the timeline.
func (n notice) said() string {
	var out []string
	add := func(label, v string) {
		if v != "" {
			out = append(out, label+"："+v)
		}
	}
	count := func(label string, v *int64, unit string) {
		if v != nil {
			add(label, fmt.Sprintf("%d %s", *v, unit))
		}
	}
	add("来源类别", n.Kind)
	add("原项目编号", n.Number)
	add("原公告日期", n.Published)
	add("原提交截止", strings.Replace(strings.TrimSuffix(n.Deadline, "+08:00"), "T", " ", 1))
	add("原采购文件提供", strings.Trim(n.DocumentsFrom+" 至 "+n.DocumentsTo, " 至"))
	add("征集开始", n.Opens)
	add("征集截止", n.Closes)
	add("原计划采购时间", n.Planned)
	add("原期限", n.Term)
	add("预算说明", n.BudgetNote)
	add("政策说明", n.PolicyNote)
	add("内容", strings.Join(n.Items, "、"))
	add("规则", strings.Join(append(n.Rules, n.Exclusions...), "；"))
	add("资助档次（一类）", yuans(n.TiersOne))
	add("资助档次（二类）", yuans(n.TiersTwo))
	if n.PerProject != nil {
		add("每个项目资助", yuan(*n.PerProject))
	}
	if n.PerProjectMax != nil {
		add("每个项目最高", yuan(*n.PerProjectMax))
	}
	count("申报", n.Applicants, "家")
	count("投标", n.Bidders, "家")
	count("分包", n.Packages, "包")
	count("服务类别", n.Categories, "类")
	count("覆盖", n.Districts, "个区县")
	count("评审专家", n.Experts, "名")
	if n.Award != nil {
		add("成交金额", yuan(*n.Award))
	}
	add("成交供应商", n.Supplier)
	add("成交供应商统一社会信用代码", n.SupplierUSCC)
	add("代理机构", n.Agency)
	if n.AgencyFee != nil {
		add("代理服务费", yuan(*n.AgencyFee))
	}
	add("公告期限", n.NoticePeriod)
	return strings.Join(out, "。")
}

func fen(yuan *int64) *money.Fen {
	if yuan == nil {
		return nil
	}
	f := money.Fen(*yuan) * money.Yuan
	return &f
}

func yuan(n int64) string { return (money.Fen(n) * money.Yuan).Yuan() + " 元" }

func yuans(list []int64) string {
	var out []string
	for _, n := range list {
		out = append(out, yuan(n))
	}
	return strings.Join(out, "、")
}
