package giving

import (
	"fmt"
	"time"

	"gongji/app/disclosure/ocds"
)

// Package is a 360Giving package.
type Package struct {
	Version     string  `json:"version"`
	Identifier  string  `json:"identifier" description:"发布者的 360Giving 前缀"`
	Title       string  `json:"title"`
	Issued      string  `json:"issued"`
	Modified    string  `json:"modified"`
	Publisher   Named   `json:"publisher"`
	DownloadURL string  `json:"downloadURL"`
	AccessURL   string  `json:"accessURL"`
	Grants      []Grant `json:"grants"`
}

// Named is the publisher.
type Named struct {
	Name    string `json:"name"`
	Website string `json:"website,omitempty"`
}

// Grant is one grant in the words of the standard. It has no recipientIndividual.
type Grant struct {
	ID           string         `json:"id"`
	Title        string         `json:"title"`
	Description  string         `json:"description"`
	Currency     string         `json:"currency"`
	Awarded      ocds.Yuan      `json:"amountAwarded" description:"元，两位小数"`
	Disbursed    ocds.Yuan      `json:"amountDisbursed" description:"元，已付"`
	AwardDate    string         `json:"awardDate"`
	URL          string         `json:"url"`
	Planned      []Event        `json:"plannedDates,omitempty"`
	Recipient    []Organization `json:"recipientOrganization"`
	Funder       []Organization `json:"fundingOrganization"`
	Programme    []Programme    `json:"grantProgramme,omitempty"`
	OpenCall     string         `json:"fromOpenCall"`
	Transactions []Transaction  `json:"disbursementTransaction,omitempty"`
	Modified     string         `json:"dateModified"`
	DataSource   string         `json:"dataSource"`
}

// Event is a project's time; Duration is in months, as the standard has it.
type Event struct {
	Title    string `json:"title"`
	Start    string `json:"startDate"`
	End      string `json:"endDate"`
	Duration int    `json:"duration"`
}

// Organization gives or receives.
type Organization struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Code    string `json:"charityNumber,omitempty" description:"统一社会信用代码"`
	Region  string `json:"addressRegion,omitempty"`
	Country string `json:"addressCountry"`
	URL     string `json:"url"`
}

// Programme is the call or the fund.
type Programme struct {
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
}

// Transaction is one payment.
type Transaction struct {
	ID       string    `json:"id"`
	Date     string    `json:"transactionDate"`
	Currency string    `json:"currency"`
	Value    ocds.Yuan `json:"value"`
}

// grant words an award. One with a negative amount is a mistake of ours and is
// not published.
func (p *Publisher) grant(a Award) (Grant, error) {
	g := Grant{ID: p.Prefix + "-" + a.Kind + "-" + string(a.ID), Title: a.Title, Description: a.Description, Currency: currency,
		Awarded: ocds.Yuan(a.Amount), Disbursed: ocds.Yuan(a.Paid), AwardDate: day(a.On), URL: p.Site + a.At,
		Recipient: []Organization{p.body(a.Recipient)}, Funder: []Organization{p.body(a.Funder)},
		Programme: []Programme{{a.Programme, p.Site + a.ProgrammeAt}}, OpenCall: "No", Modified: moment(a.Modified), DataSource: p.Site + ocds.PolicyPath}
	if a.OpenCall {
		g.OpenCall = "Yes"
	}
	if g.Description == "" {
		g.Description = a.Title
	}
	if a.Start != nil && a.End != nil {
		g.Planned = []Event{{"项目期限", day(*a.Start), day(*a.End), months(*a.Start, *a.End)}}
	}
	low := min(a.Amount, a.Paid)
	for _, x := range a.Payments {
		low = min(low, x.Amount)
		g.Transactions = append(g.Transactions, Transaction{x.Number, day(x.On), currency, ocds.Yuan(x.Amount)})
	}
	if low < 0 {
		return g, fmt.Errorf("360giving: %s has a negative amount", g.ID)
	}
	return g, nil
}

// body is an organisation under its 统一社会信用代码, or under an id of ours
// where it has none.
func (p *Publisher) body(b Body) Organization {
	o := Organization{ID: identifierScheme + "-" + b.Code, Name: b.Name, Code: b.Code, Region: b.Region, Country: "中国", URL: p.Site + "/organisations/" + string(b.Org)}
	if b.Code == "" {
		o.ID = p.Prefix + "-org-" + string(b.Org)
	}
	return o
}

// months counts what of months there is from one day through another, begun
// ones included.
func months(from, to time.Time) int {
	n := 0
	for at := from; !at.After(to); n++ {
		at = from.AddDate(0, n+1, 0)
	}
	return n
}
