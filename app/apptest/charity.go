package apptest

import (
	"bytes"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/party"
)

// Charity is a foundation with a running fund and people around it.
type Charity struct {
	Fund                                 fund.Fund
	Approver, Officer, Finance, Reviewer *Person // of the foundation
	Donor, Neighbour                     *Person // private persons
	Company                              *Person // lead of an enterprise
}

// Charity sets one up, the fund approved as it would be.
func (e *Env) Charity() *Charity {
	e.T.Helper()
	c := &Charity{Approver: e.Org(party.Foundation, "横沥社区发展基金会", party.Approver)}
	c.Officer, c.Finance, c.Reviewer = e.Colleague(c.Approver, party.Officer), e.Colleague(c.Approver, party.Finance), e.Colleague(c.Approver, party.Reviewer)
	c.Donor, c.Neighbour = e.Person("欧阳娜娜"), e.Person("邻居")
	c.Company = e.Org(party.Enterprise, "东莞市晨光电子有限公司", party.Lead)
	ctx := e.T.Context()
	f, err := e.Funds.Create(ctx, c.Officer.Actor, fundtest.Form("防控新型冠状病毒肺炎专项基金"))
	if err == nil {
		_, err = e.Attachments.Add(ctx, c.Officer.Actor, fund.AgreementKind, f.ID, "agreement", "协议.pdf", bytes.NewReader(fundtest.Agreement))
	}
	if err == nil {
		_, err = e.Funds.Submit(ctx, c.Officer.Actor, f.ID)
	}
	if err == nil {
		c.Fund, err = e.Funds.Approve(ctx, c.Approver.Actor, f.ID)
	}
	if err != nil {
		e.T.Fatal(err)
	}
	return c
}
