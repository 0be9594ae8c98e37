package web

import (
	"net/url"

	"gongji/app/edge"
	"gongji/app/foundation/call"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/fund"
	"gongji/app/party"
	"gongji/app/party/organisation"
)

// gives is what an organisation offers to others: its funds, its public
// fundraising and its calls, the newest of each, and how many there are.
type gives struct {
	Funds                               []fund.Item
	Campaigns                           []campaignRow
	Calls                               []callRow
	FundCount, CampaignCount, CallCount int
	Query                               string // of the lists, for the rest
}

const givesShown = 5

// organisationGives reads what the public may see, whoever looks; nil for an
// organisation of a kind that offers nothing.
func (w *Web) organisationGives(r *edge.Request, o organisation.Organisation) (*gives, error) {
	if o.Kind != party.Foundation && o.Kind != party.Bureau || o.State != organisation.Approved {
		return nil, nil
	}
	ctx, nobody := r.Context(), party.Actor{}
	g := &gives{Query: "?q=" + url.QueryEscape(o.Name)}
	calls := call.Filter{Foundation: o.ID, Limit: givesShown}
	list, err := w.Calls.List(ctx, nobody, calls)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		g.Calls = append(g.Calls, callRow{c, "/calls/" + string(c.ID), callStatus(c, r.Now())})
	}
	if g.CallCount, err = w.Calls.Count(ctx, nobody, calls); err != nil || o.Kind != party.Foundation {
		return g, err
	}
	funds := fund.Filter{Foundation: o.ID, Limit: givesShown}
	if g.Funds, err = w.Funds.List(ctx, nobody, funds); err != nil {
		return nil, err
	}
	total, err := w.Funds.Totals(ctx, nobody, funds)
	if err != nil {
		return nil, err
	}
	g.FundCount = int(total.Count)
	campaigns := campaign.Filter{Foundation: o.ID, Limit: givesShown}
	raised, err := w.Campaigns.List(ctx, nobody, campaigns)
	if err != nil {
		return nil, err
	}
	for _, x := range raised {
		g.Campaigns = append(g.Campaigns, campaignRowOf(r, x, false))
	}
	g.CampaignCount, err = w.Campaigns.Count(ctx, nobody, campaigns)
	return g, err
}
