package application

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/foundation/call"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

// Fact is something the platform knows of the applicant already, and where
// from; it is not asked again.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
	From  string `json:"from"` // 登记资料, 证书库, 履约记录
	Href  string `json:"href,omitempty"`
}

// Known is everything known of an organisation.
type Known struct {
	Org         organisation.Organisation
	Credentials []credential.Credential
	Files       map[id.ID][]attachment.Attachment // by credential
	Facts       []Fact
}

// known reads what the profile, the vault and the record of deliveries say.
func (s *Service) known(ctx context.Context, d bun.IDB, org id.ID, now time.Time) (Known, error) {
	k := Known{Files: map[id.ID][]attachment.Attachment{}}
	if err := d.NewSelect().Model(&k.Org).Where("id = ?", org).Scan(ctx); err != nil {
		return k, db.Found(err, "组织")
	}
	var err error
	if k.Credentials, err = credential.Of(ctx, d, org); err != nil {
		return k, err
	}
	o, page := k.Org, "/organisations/"+string(org)
	add := func(label, value, from, href string) {
		if value != "" {
			k.Facts = append(k.Facts, Fact{label, value, from, href})
		}
	}
	add("组织名称", o.Name, "登记资料", page)
	add("统一社会信用代码", o.Code(), "登记资料", page)
	add("登记地", o.Region, "登记资料", page)
	add("地址", o.Address, "登记资料", page)
	add("法定代表人", o.LegalPerson, "登记资料", page)
	add("业务范围", o.Summary, "登记资料", page)
	add("评估等级", o.Rating, "登记资料", page)
	if o.TaxQualified {
		add("公益性捐赠税前扣除资格", "有", "登记资料", page)
	}
	for _, c := range k.Credentials {
		if k.Files[c.ID], err = s.attachments.Of(ctx, d, credential.ObjectKind, c.ID); err != nil {
			return k, err
		}
		text := c.Issuer
		if c.Number != "" {
			text += "，编号 " + c.Number
		}
		if c.IssuedOn != nil {
			text += "，" + c.IssuedOn.In(clock.Beijing).Format(time.DateOnly) + " 发证"
		}
		if c.ValidUntil != nil {
			text += "，有效至 " + c.ValidUntil.In(clock.Beijing).Format(time.DateOnly)
			if !c.Valid(now) {
				text += "（已过期）"
			}
		}
		add(c.Kind.Name(), text, "证书库", "/credentials")
	}
	var done struct {
		Count  int64 `bun:"count"`
		Amount int64 `bun:"amount"`
	}
	if err := d.NewSelect().TableExpr("engagement").ColumnExpr("COUNT(*) AS count, CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS amount").
		Where("provider = ?", org).Scan(ctx, &done); err != nil {
		return k, db.Translate(err)
	}
	if done.Count > 0 {
		add("在本平台承接的项目", fmt.Sprintf("%d 个", done.Count), "履约记录", page)
	}
	return k, nil
}

// Known is what the platform knows of the actor's organisation.
func (s *Service) Known(ctx context.Context, who party.Actor) (Known, error) {
	return s.known(ctx, s.db, who.Org, s.clock.Now())
}

// holds finds a certificate of a kind that is valid at a moment.
func (k Known) holds(kind credential.Kind, at time.Time) (credential.Credential, bool) {
	for _, c := range k.Credentials {
		if c.Kind == kind && c.Valid(at) {
			return c, true
		}
	}
	return credential.Credential{}, false
}

// Test is one condition of a call with how the applicant meets it.
type Test struct {
	Condition string `json:"condition"`
	Met       bool   `json:"met"`
	Mend      string `json:"mend,omitempty"` // what to do where it is not met
}

// Eligible tests an organisation against the conditions of a call; validity is
// asked for at the deadline.
func Eligible(c call.Call, k Known) []Test {
	e, o := c.Form.Eligibility, k.Org
	at := time.Now()
	if c.Deadline != nil {
		at = *c.Deadline
	}
	var out []Test
	add := func(condition string, met bool, mend string) {
		if met {
			mend = ""
		}
		out = append(out, Test{condition, met, mend})
	}
	if e.Pending {
		add("社会组织，登记可以正在审核", o.Kind == party.Social && o.State != organisation.Rejected, "登记已退回，请按意见修改后重新提交")
	} else {
		add("已通过登记审核的社会组织", o.Kind == party.Social && o.State == organisation.Approved, "登记通过审核后才能申请")
	}
	if e.Rating != "" {
		add("评估等级不低于 "+e.Rating, o.Rating >= e.Rating, "登记资料里的评估等级是“"+or(o.Rating, "未评")+"”，有变化请先修改登记资料")
	}
	if r := strings.TrimSpace(e.Region); r != "" {
		add("登记地在"+r, strings.HasPrefix(o.Region, r), "登记资料里的登记地是“"+or(o.Region, "未填写")+"”")
	}
	if y := years(e.Years); y > 0 {
		reg, ok := k.holds(credential.Registration, at)
		met := ok && reg.IssuedOn != nil && !reg.IssuedOn.AddDate(y, 0, 0).After(at)
		mend := "成立日期取自证书库里的法人登记证书，请先登记这张证书"
		if ok && reg.IssuedOn != nil {
			mend = "法人登记证书的日期是 " + reg.IssuedOn.In(clock.Beijing).Format(time.DateOnly)
		}
		add(fmt.Sprintf("到截止时成立满 %d 年", y), met, mend)
	}
	for _, kind := range e.Credentials {
		_, ok := k.holds(kind, at)
		add("有在有效期内的"+kind.Name(), ok, "请先在证书库登记")
	}
	return out
}

func years(s string) int {
	n := 0
	_, _ = fmt.Sscanf(strings.TrimSpace(s), "%d", &n)
	return n
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Slot is one paper a call asks for, with what is there.
type Slot struct {
	Key      string // slot of the attachments: "d1"
	Label    string
	Optional bool
	Vault    credential.Kind
	From     string // 证书库 where the file comes from there
	Files    []attachment.Attachment
}

// slots puts the files of an application, its own and the vault's, under the
// papers and the questions that ask for them.
func (s *Service) slots(ctx context.Context, d bun.IDB, a Application, c call.Call, k Known) ([]Slot, error) {
	own, err := s.attachments.Of(ctx, d, ObjectKind, a.ID)
	if err != nil {
		return nil, err
	}
	in := func(slot string) []attachment.Attachment {
		return slices.DeleteFunc(slices.Clone(own), func(x attachment.Attachment) bool { return x.Slot != slot })
	}
	var out []Slot
	for i, p := range c.Form.Documents {
		x := Slot{Key: fmt.Sprintf("d%d", i+1), Label: p.Name, Optional: p.Optional, Vault: p.Credential}
		x.Files = in(x.Key)
		if held, ok := k.holds(p.Credential, *c.Deadline); len(x.Files) == 0 && ok && len(k.Files[held.ID]) > 0 {
			x.Files, x.From = k.Files[held.ID], "证书库"
		}
		out = append(out, x)
	}
	for i, q := range c.Form.Questions {
		if q.Type == call.File {
			out = append(out, Slot{Key: fmt.Sprint(i + 1), Label: q.Title, Optional: q.Optional, Files: in(fmt.Sprint(i + 1))})
		}
	}
	return out, nil
}

// complete is the full check of an application, as at now.
func (s *Service) complete(ctx context.Context, d bun.IDB, a *Application, c call.Call, now time.Time) (Known, []Slot, error) {
	k, err := s.known(ctx, d, a.Organisation, now)
	if err != nil {
		return k, nil, err
	}
	slots, err := s.slots(ctx, d, *a, c, k)
	if err != nil {
		return k, nil, err
	}
	var f fault.Check
	for _, t := range Eligible(c, k) {
		f.Must(t.Met, "eligibility", "不符合“%s”：%s", t.Condition, t.Mend)
	}
	if s.Listed != nil {
		if err := s.Listed(ctx, d, a.Organisation, c.Foundation); fault.Is(err, fault.Unknown) {
			return k, nil, err
		} else if err != nil {
			f.Adopt("eligibility", err)
		}
	}
	a.check(&f, c)
	found, err := Double(ctx, d, *a)
	if err != nil {
		return k, nil, err
	}
	if len(found) > 0 {
		length(&f, "overlap", a.Form.Overlap, 5, 1000, fmt.Sprintf("查到 %d 项同期的合同、资助或申请，请说明与本项目有什么不同", len(found)))
	}
	for _, x := range slots {
		name := "papers." + x.Key
		if x.Key[0] != 'd' {
			name = "answers." + x.Key
		}
		f.Must(x.Optional || len(x.Files) > 0, name, "请上传“%s”", x.Label)
	}
	return k, slots, f.Err()
}
