package acceptance

import (
	"fmt"
	"strconv"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/rules"
)

// report is the content of the 验收书 and what the verification page may show of
// it. It is public: residents' names are masked in it.
func (s *Service) report(x Case, terms Terms) archive.Item {
	e, code := x.Of, archive.NewCode()
	doc := document.AcceptanceReport{
		Issue: document.Issue{Number: x.No(), Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: e.PayerName, IssuedAt: *x.PublishedAt, Demo: e.Demo},
		Kind_: e.Kind.Name(), Project: e.Title, ProjectNumber: e.Number, Payer: e.PayerName, Provider: e.ProviderName, Amount: &e.Amount,
		From: e.Start, To: e.End, Scope: x.Scope(), On: x.Content.On, Place: x.Content.Place, Result: x.Result.Name(), Redo: x.Content.Redo, Summary: x.Content.Summary,
	}
	if x.RedoOn != nil {
		doc.RedoOn = *x.RedoOn
	}
	if a := article(e, terms); a != "" {
		doc.Basis = "依据" + terms.Rules.Must(rules.AcceptanceUsers).Source() + "组织验收并向社会公告。"
	}
	residents := 0
	for _, m := range x.Content.Members {
		if m.Role == Resident {
			residents++
		}
		m = m.Masked()
		word := opinionWord(m.Dissent)
		doc.Members = append(doc.Members, document.AcceptanceMember{Name: m.Name, Role: m.Role.Name(), Unit: m.Unit, Opinion: word, Words: m.Words})
	}
	if h := x.Content.Heard; h != nil {
		residents += int(h.Answered)
		doc.Heard = fmt.Sprintf("发出意见码 %d 张，收到意见 %d 份：同意 %d 份，有不同意见 %d 份。", h.Asked, h.Answered, h.Agree, h.Dissent)
		for _, v := range x.Content.Voices {
			doc.Voices = append(doc.Voices, document.AcceptanceVoice{Community: v.Community, Opinion: opinionWord(!v.Agree), Words: v.Words})
		}
	}
	for _, k := range x.Content.Checks {
		c := document.AcceptanceCheck{Name: k.Name, Standard: k.Standard, Met: k.Met, Note: k.Note}
		if k.Counted() {
			c.Promised, c.Shown, c.Confirmed = "—", quantity(k.Shown, k.Unit), quantity(k.Confirmed, k.Unit)
			if k.Quantity > 0 {
				c.Promised = quantity(k.Quantity, k.Unit)
			}
		}
		doc.Checks = append(doc.Checks, c)
	}
	return archive.Item{Kind: doc.Kind(), OwnerKind: Object, OwnerID: x.ID, Title: "验收书 " + e.Title, Number: x.No(), Issuer: e.PayerName, Code: code, Public: true, Content: doc,
		Facts: []archive.Fact{{Label: "项目", Value: e.Title}, {Label: "付款方", Value: e.PayerName}, {Label: "承接方", Value: e.ProviderName}, {Label: "验收内容", Value: x.Scope()},
			{Label: "结果", Value: x.Result.Name()}, {Label: "验收日期", Value: x.Content.On.In(clock.Beijing).Format("2006年1月2日")}, {Label: "服务对象参加", Value: strconv.Itoa(residents) + " 人"}}}
}

func opinionWord(dissent bool) string {
	if dissent {
		return "有不同意见"
	}
	return "同意"
}

func quantity(n int64, unit string) string { return strconv.FormatInt(n, 10) + " " + unit }
