package tender

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/kernel/uscc"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/storage/db"
)

// Supplier is one that a tender names.
type Supplier struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
}

// mostNamed bounds how many suppliers a draft names.
const mostNamed = 60

// How is the way the tender finds its suppliers, and its method.
func (x Facts) How() (rules.Method, rules.Choice) {
	m, _ := rules.MethodByID(x.Method)
	way, _ := m.Way(x.Way)
	return m, way
}

// Restricted reports whether only suppliers that the tender names take part:
// the others and the public see the notice, not the documents.
func (x Facts) Restricted() bool {
	_, way := x.How()
	return way.Suppliers != "" && way.Suppliers != rules.Anyone
}

// Invites reports whether an organisation may take part, as far as the method
// goes.
func (t Tender) Invites(org id.ID) bool {
	return !t.Restricted() || slices.ContainsFunc(t.Invited, func(s Supplier) bool { return s.ID == org })
}

// noticeOnly takes out what stands in the documents and not in the notice.
func (t *Tender) noticeOnly() {
	t.Criteria, t.Requirements, t.ContractTerms, t.BidFormat = []Criterion{}, nil, "", ""
}

// Named are the suppliers that the notice names: those of a method that makes
// them public before anything is decided (单一来源公示).
func (t Tender) Named() []Supplier {
	if _, way := t.How(); !way.Named || !t.Published() {
		return nil
	}
	return t.Invited
}

// fit takes out what the method has no use for and puts in what it leaves no
// choice of, so that a changed mind leaves nothing behind.
func (x *Facts) fit() {
	m, ok := rules.MethodByID(x.Method)
	if !ok {
		return
	}
	if len(m.Grounds) == 0 {
		x.Ground, x.GroundReason = "", ""
	}
	switch len(m.Ways) {
	case 0:
		x.Way, x.WayReason = "", ""
	case 1:
		x.Way = m.Ways[0].ID
	}
	if len(m.Scoring) == 1 && m.Scoring[0] == LowestPrice {
		x.Scoring, x.FixedPrice, x.Criteria = LowestPrice, false, []Criterion{}
	} else if len(m.Scoring) == 1 && x.Scoring == "" {
		x.Scoring = m.Scoring[0]
	}
}

// codes are the suppliers as typed, one 统一社会信用代码 a line; what follows the
// code on its line is for people.
func codes(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if f := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n,，、;；", r) }); len(f) > 0 {
			out = append(out, strings.ToUpper(f[0]))
		}
	}
	return out
}

// checkParties asks for what the law wants said before a method is used: the
// ground, and how its suppliers were found.
func checkParties(c *fault.Check, form Form, x *Facts, set rules.Set) {
	m, ok := rules.MethodByID(x.Method)
	if !ok || !m.Offered {
		return
	}
	if g, ok := m.Ground(x.Ground); len(m.Grounds) > 0 {
		if !ok {
			c.FailUnder(m.Source(), "ground", "请选择采用%s的情形（%s）", m.Name, m.Source())
		} else if x.GroundReason == "" {
			c.FailUnder(g.Source(), "ground_reason", "请说明本项目为什么符合“%s”", g.Text)
		}
	}
	if m.Parent && strings.TrimSpace(form.Get("framework")) == "" {
		c.FailUnder(m.Source(), "framework", "请填写所依据的框架协议的项目编号")
	}
	way, ok := m.Way(x.Way)
	if !ok {
		c.FailUnder(m.Source(), "way", "请选择供应商如何确定（%s）", m.Source())
		return
	}
	if (way.Suppliers == rules.Invited || way.Reason) && x.WayReason == "" {
		c.FailUnder(way.Source(), "way_reason", "请说明供应商是怎样选定的，说明随采购文件存档")
	}
	if way.Suppliers == rules.Invited || way.Suppliers == rules.Sole {
		checkNamed(c, form, m, way, set)
	}
}

func checkNamed(c *fault.Check, form Form, m rules.Method, way rules.Choice, set rules.Set) {
	list := codes(form.Get("invited"))
	seen := map[string]bool{}
	for _, code := range list {
		_, err := uscc.Check(code)
		c.Must(err == nil, "invited", "“%.20s”不是有效的统一社会信用代码，请核对", code)
		c.Must(!seen[code], "invited", "%s 写了两次，请只保留一行", code)
		seen[code] = true
	}
	n := int64(len(seen))
	if least := set.Of(m.ID, way.Least); !least.AtLeast(n, 0) {
		c.FailUnder(least.Source(), "invited", "现有 %d 家供应商，%s应%s，请补充", n, least.Name, least.Limit())
	}
	c.Must(way.Most == 0 || int(n) <= way.Most, "invited", "这种方式只能写 %d 家供应商", way.Most)
	c.Must(n <= mostNamed, "invited", "最多写 %d 家供应商", mostNamed)
}

// invite turns what was typed into the suppliers themselves: registered,
// approved, and for a call-off admitted to its framework.
func (s *Service) invite(ctx context.Context, d bun.IDB, t *Tender, c *fault.Check, now time.Time) error {
	m, way := t.How()
	t.Invited, t.Framework = nil, nil
	if c.Failed("framework") || c.Failed("invited") {
		return nil
	}
	if m.Parent {
		f, err := frameworkOf(ctx, d, *t, now)
		if fault.Is(err, fault.Invalid) {
			c.Adopt("framework", err)
			return nil
		}
		if err != nil {
			return err
		}
		t.Framework = &f
	}
	var err error
	switch way.Suppliers {
	case rules.Invited, rules.Sole:
		if t.Invited, err = registered(ctx, d, codes(t.Form.Get("invited")), c); err == nil {
			err = refuseListed(ctx, d, *t, c, now)
		}
	case rules.Admitted, rules.Next:
		t.Invited, err = s.admitted(ctx, d, *t, way, c, now)
	}
	if err != nil || way.Suppliers != rules.Sole || !m.Parent {
		return err
	}
	in, err := admittedTo(ctx, d, *t.Framework)
	for _, x := range t.Invited {
		c.Must(slices.ContainsFunc(in, func(y Supplier) bool { return y.ID == x.ID }), "invited", "%s没有入围这份框架协议", x.Name)
	}
	return err
}

// refuseListed complains of each supplier named that a listing bars: nobody is
// invited who could not be awarded.
func refuseListed(ctx context.Context, d bun.IDB, t Tender, c *fault.Check, now time.Time) error {
	for _, x := range t.Invited {
		if err := standing.Clear(ctx, d, x.ID, t.Buyer, standing.Purchase, now); fault.Is(err, fault.Unknown) {
			return err
		} else if err != nil {
			c.Adopt("invited", err)
		}
	}
	return nil
}

// registered are the approved suppliers with these codes.
func registered(ctx context.Context, d bun.IDB, list []string, c *fault.Check) ([]Supplier, error) {
	var out []Supplier
	for _, code := range list {
		var o organisation.Organisation
		err := db.Found(d.NewSelect().Model(&o).Where("uscc = ?", code).Scan(ctx), "组织")
		switch {
		case fault.Is(err, fault.NotFound):
			c.Fail("invited", "%s 没有在本平台登记，请先请它登记", code)
		case err != nil:
			return nil, err
		case o.Kind != party.Social || o.State != organisation.Approved:
			c.Fail("invited", "%s（%s）不是通过登记审核的社会组织，不能参加", o.Name, code)
		default:
			out = append(out, Supplier{o.ID, o.Name})
		}
	}
	return out, nil
}

// Recognised names the organisations behind codes as typed, for the form: in
// order, with "" where none is registered.
func (s *Service) Recognised(ctx context.Context, who party.Actor, t Tender) ([]string, error) {
	if err := s.Require(who, t, "follow"); err != nil {
		return nil, err
	}
	var out []string
	for _, code := range codes(t.Form.Get("invited")) {
		var ignored fault.Check
		got, err := registered(ctx, s.db, []string{code}, &ignored)
		if err != nil {
			return nil, err
		}
		if len(got) == 0 {
			out = append(out, code+"：没有找到通过审核的社会组织")
		} else {
			out = append(out, code+" "+got[0].Name)
		}
	}
	return out, nil
}
