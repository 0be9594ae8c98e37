package bid

import (
	"context"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
)

// Form is what a bidder needs to make a sealed bid, on the page or offline:
// the key, the questions, the ceiling. It is public from publication on.
func (s *Service) Form(ctx context.Context, who party.Actor, tenderID id.ID) (seal.Form, error) {
	t, err := s.tender(ctx, who, tenderID)
	if err != nil {
		return seal.Form{}, err
	}
	f := seal.Form{Format: seal.FormFormat, Tender: t.ID, Number: t.No(), Title: t.Title, Questions: []seal.Question{},
		Ceiling: seal.Ceiling{Kind: t.Ceiling.Kind, Amount: t.Ceiling.Amount, Unit: t.Ceiling.Unit, Limit: t.Ceiling.Amount}}
	if f.Ceiling.Limit == nil {
		f.Ceiling.Limit = t.Budget
	}
	if t.Deadline != nil {
		f.Deadline = *t.Deadline
	}
	for _, q := range Questions(t) {
		f.Questions = append(f.Questions, seal.Question{Key: q.Key, Name: q.Name, Description: q.Description, Weight: q.Weight})
	}
	k, err := tenderkey.Current(ctx, s.db, t.ID)
	f.Recipient = k.Recipient
	return f, err
}

// tender reads a tender that has been published.
func (s *Service) tender(ctx context.Context, who party.Actor, tenderID id.ID) (tender.Tender, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err == nil {
		err = s.policy.Require(tender.Relations(who, t), t.Object(s.clock.Now()), "view")
	}
	if err == nil && t.Restricted() && !s.policy.Any(tender.Relations(who, t), t.Object(s.clock.Now()), "documents") {
		m, _ := t.How()
		err = fault.New(fault.Forbidden, "本项目采用%s，只有受邀请的供应商可以取得采购文件", m.Name)
	}
	if err == nil && !t.Published() {
		err = fault.New(fault.NotFound, "采购项目还没有发布，没有投标格式文件")
	}
	return t, err
}
