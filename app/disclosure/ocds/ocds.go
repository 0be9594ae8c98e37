// Package ocds publishes what a purchase does as open data: one immutable
// OCDS 1.1 release for each event, written in the transaction of the event,
// and records that merge them.
//
// A release holds what became public by its event and nothing else; the
// service that decides the event decides what that is. Who reads page by page
// with the cursor of the last page misses no release and reads none twice,
// however the writers overlap (see Feed).
package ocds

import (
	"encoding/json"
	"fmt"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Tag says what a release is about; the codes are those of OCDS 1.1.
type Tag string

// The tags that are used here.
const (
	PlanningTag          Tag = "planning"
	PlanningUpdate       Tag = "planningUpdate"
	TenderTag            Tag = "tender"
	TenderAmendment      Tag = "tenderAmendment"
	TenderUpdate         Tag = "tenderUpdate"
	TenderCancellation   Tag = "tenderCancellation"
	AwardTag             Tag = "award"
	AwardUpdate          Tag = "awardUpdate"
	AwardCancellation    Tag = "awardCancellation"
	ContractTag          Tag = "contract"
	ContractUpdate       Tag = "contractUpdate"
	ContractAmendment    Tag = "contractAmendment"
	ImplementationTag    Tag = "implementation"
	ImplementationUpdate Tag = "implementationUpdate"
	ContractTermination  Tag = "contractTermination"
	compiled             Tag = "compiled"
	initiation               = "tender"
	language                 = "zh"
	identifierScheme         = "CN-USCI"
	CatalogueScheme          = "CN-GPC" // 政府采购品目分类目录, not in the codelist of OCDS
)

// Release is what one event made public. Process names the purchase and is
// the tender's id, or that of an intention (see PlannedIn); ID, Date and
// Parties are filled in by Emit, the ocid when it is read.
type Release struct {
	Process id.ID `json:"-"`

	ID             id.ID      `json:"id"`
	Date           Moment     `json:"date"`
	Tag            []Tag      `json:"tag"`
	InitiationType string     `json:"initiationType"`
	Language       string     `json:"language"`
	Parties        []Party    `json:"parties,omitempty"`
	Buyer          *Reference `json:"buyer,omitempty"`
	Planning       *Planning  `json:"planning,omitempty"`
	Tender         *Tender    `json:"tender,omitempty"`
	Awards         []Award    `json:"awards,omitempty"`
	Contracts      []Contract `json:"contracts,omitempty"`
	// Related names other processes of ours: the intention a tender came from.
	Related []Related `json:"relatedProcesses,omitempty"`
}

// Moment is a time as OCDS writes it: ISO 8601, here in Beijing time.
type Moment time.Time

// MarshalJSON writes seconds and the offset.
func (m Moment) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(m).In(clock.Beijing).Format(time.RFC3339))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Moment) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, (*time.Time)(m)) }

// At is an optional moment.
func At(t *time.Time) *Moment {
	if t == nil || t.IsZero() {
		return nil
	}
	m := Moment(*t)
	return &m
}

// Value is an amount in CNY: an exact decimal number of 元, made from 分.
type Value struct {
	Amount   Yuan   `json:"amount"`
	Currency string `json:"currency"`
}

// Yuan is 分 that are written as a number of 元 with two decimals.
type Yuan money.Fen

// MarshalJSON never goes through a floating point number.
func (y Yuan) MarshalJSON() ([]byte, error) {
	sign, n := "", int64(y)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Appendf(nil, "%s%d.%02d", sign, n/100, n%100), nil
}

// CNY is the value of an amount in 分; nil stays nil.
func CNY(f *money.Fen) *Value {
	if f == nil {
		return nil
	}
	return &Value{Yuan(*f), "CNY"}
}

// Reference names an organisation. Org is ours; Emit turns it into the id of
// the party it adds to the release.
type Reference struct {
	Org  id.ID  `json:"-"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Org is a reference to an organisation of ours.
func Org(org id.ID, name string) *Reference { return &Reference{Org: org, Name: name} }

// Party is an organisation that takes part, with everything it is in it.
type Party struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Address    *Address    `json:"address,omitempty"`
	Roles      []string    `json:"roles"`
}

// Identifier is the 统一社会信用代码 of a party.
type Identifier struct {
	Scheme    string `json:"scheme"`
	ID        string `json:"id"`
	LegalName string `json:"legalName"`
}

// Address says where a party is, no finer than its region.
type Address struct {
	Region  string `json:"region,omitempty"`
	Country string `json:"countryName"`
}

// Period is a span; either end may be open.
type Period struct {
	Start *Moment `json:"startDate,omitempty"`
	End   *Moment `json:"endDate,omitempty"`
	Days  *int    `json:"durationInDays,omitempty"`
}

// Between is a period, nil where neither end is known.
func Between(from, to *time.Time) *Period {
	p := Period{Start: At(from), End: At(to)}
	if p.Start == nil && p.End == nil {
		return nil
	}
	return &p
}
