package disclosure

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// about is what a disclosure is about, with the fund whose money it tells of.
type about struct {
	Subject
	fund     fund.Fund
	campaign *campaign.Campaign // nil: of the fund itself
	open     bool               // it still takes money
}

// about reads a fund or a campaign by its id; lock keeps it as it is until the
// transaction ends.
func (s *Service) about(ctx context.Context, d bun.IDB, of id.ID, lock bool) (about, error) {
	readFund, readCampaign := fund.Read, campaign.Read
	if lock {
		readFund, readCampaign = fund.ForUpdate, campaign.ForUpdate
	}
	f, err := readFund(ctx, d, of)
	if err == nil {
		return about{Subject: subject(f), fund: f, open: f.State == fund.Active}, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return about{}, err
	}
	x, err := readCampaign(ctx, d, of)
	if err != nil {
		return about{}, err
	}
	a := about{Subject: campaignSubject(x, s.clock.Now()), campaign: &x, open: x.State == campaign.Running}
	if x.Fund != nil {
		if a.fund, err = fund.Read(ctx, d, *x.Fund); err != nil {
			return a, err
		}
		a.Demo = a.fund.Demo
	}
	return a, nil
}

// require asks whether the actor may do something about it.
func (s *Service) require(who party.Actor, a about, action string) error {
	if a.campaign != nil {
		return s.Campaigns.Require(who, *a.campaign, action)
	}
	return s.Funds.Require(who, a.fund, action)
}

// noun is what it is called in a sentence.
func (a about) noun() string {
	if a.campaign != nil {
		return "这项募捐"
	}
	return "这只基金"
}

func subject(f fund.Fund) Subject {
	s := Subject{Kind: fund.Kind, ID: f.ID, Name: f.FullName(), Foundation: f.Foundation, FoundationName: f.FoundationName, Ended: f.EndedAt, Demo: f.Demo}
	if f.ApprovedAt != nil {
		s.Start = *f.ApprovedAt
	}
	return s
}

// campaignSubject is a campaign as it stands at a moment: it ends with its last
// day, or before it when it was closed.
func campaignSubject(x campaign.Campaign, now time.Time) Subject {
	s := Subject{Kind: campaign.ObjectKind, ID: x.ID, Name: x.FoundationName + "“" + x.Name + "”公开募捐", Foundation: x.Foundation, FoundationName: x.FoundationName}
	if x.StartsOn != nil {
		s.Start = *x.StartsOn
	}
	if x.EndsOn != nil {
		end := x.EndsOn.AddDate(0, 0, 1)
		s.Planned = &end
		if !now.Before(end) {
			s.Ended = &end
		}
	}
	if x.EndedAt != nil && (s.Ended == nil || x.EndedAt.Before(*s.Ended)) {
		s.Ended = x.EndedAt
	}
	return s
}

// figuresOf computes everything of a fund or a campaign; nothing of it can be
// typed.
func (s *Service) figuresOf(ctx context.Context, d bun.IDB, a about, t span) (Figures, error) {
	if a.campaign != nil {
		return s.raised(ctx, d, a, t)
	}
	return s.figures(ctx, d, a.fund, t)
}
