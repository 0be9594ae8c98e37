package ocds

import "gongji/app/kernel/id"

// Planning is what is known before a tender.
type Planning struct {
	Rationale  string      `json:"rationale,omitempty"`
	Budget     *Budget     `json:"budget,omitempty"`
	Documents  []Document  `json:"documents,omitempty"`
	Milestones []Milestone `json:"milestones,omitempty"`
}

// Budget is where the money comes from.
type Budget struct {
	Description string `json:"description,omitempty"`
	Amount      *Value `json:"amount,omitempty"`
	Project     string `json:"project,omitempty"`
}

// Statuses of a tender, an award and a contract.
const (
	Planned      = "planned"
	Active       = "active"
	Cancelled    = "cancelled"
	Unsuccessful = "unsuccessful"
	Complete     = "complete"
	Pending      = "pending"
	Terminated   = "terminated"
)

// Tender is the invitation to bid.
type Tender struct {
	ID                string      `json:"id"`
	Title             string      `json:"title,omitempty"`
	Description       string      `json:"description,omitempty"`
	Status            string      `json:"status,omitempty"`
	ProcuringEntity   *Reference  `json:"procuringEntity,omitempty"`
	Items             []Item      `json:"items,omitempty"`
	Value             *Value      `json:"value,omitempty"`
	Method            string      `json:"procurementMethod,omitempty"`
	MethodDetails     string      `json:"procurementMethodDetails,omitempty"`
	MethodRationale   string      `json:"procurementMethodRationale,omitempty"`
	Category          string      `json:"mainProcurementCategory,omitempty"`
	Criteria          string      `json:"awardCriteria,omitempty"`
	CriteriaDetails   string      `json:"awardCriteriaDetails,omitempty"`
	Submission        []string    `json:"submissionMethod,omitempty"`
	SubmissionNote    string      `json:"submissionMethodDetails,omitempty"`
	Period            *Period     `json:"tenderPeriod,omitempty"`
	AwardPeriod       *Period     `json:"awardPeriod,omitempty"`
	ContractPeriod    *Period     `json:"contractPeriod,omitempty"`
	EnquiryPeriod     *Period     `json:"enquiryPeriod,omitempty"`
	Eligibility       string      `json:"eligibilityCriteria,omitempty"`
	NumberOfTenderers *int        `json:"numberOfTenderers,omitempty"`
	Tenderers         []Reference `json:"tenderers,omitempty"`
	Documents         []Document  `json:"documents,omitempty"`
	Milestones        []Milestone `json:"milestones,omitempty"`
	Amendments        []Amendment `json:"amendments,omitempty"`
}

// Related points to another process; Identifier is its process id, the ocid
// prefix is put before it when the release is read.
type Related struct {
	ID           string   `json:"id"`
	Relationship []string `json:"relationship"`
	Title        string   `json:"title,omitempty"`
	Scheme       string   `json:"scheme"`
	Identifier   string   `json:"identifier"`
}

// PlannedIn is the process of an intention that a tender came from. An
// intention is a process of its own: it may lead to several purchases or to
// none, and a release that named it is never changed.
func PlannedIn(intention id.ID) Related {
	return Related{ID: "planning", Relationship: []string{"planning"}, Title: "采购意向", Scheme: "ocid", Identifier: string(intention)}
}

// Under is the process of a framework agreement that a purchase is made under.
func Under(framework id.ID) Related {
	return Related{ID: "framework", Relationship: []string{"framework"}, Title: "框架协议", Scheme: "ocid", Identifier: string(framework)}
}

// Item is what is bought.
type Item struct {
	ID             string          `json:"id"`
	Description    string          `json:"description,omitempty"`
	Classification *Classification `json:"classification,omitempty"`
	Quantity       *int64          `json:"quantity,omitempty"`
	Unit           *Unit           `json:"unit,omitempty"`
}

// Classification is an entry of a catalogue.
type Classification struct {
	Scheme      string `json:"scheme"`
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
}

// Unit is what a quantity counts and what one costs.
type Unit struct {
	Name  string `json:"name,omitempty"`
	Value *Value `json:"value,omitempty"`
}

// Document is a public page or PDF. A URL that begins with "/" is on this site.
type Document struct {
	ID          string  `json:"id"`
	Type        string  `json:"documentType,omitempty"`
	Title       string  `json:"title,omitempty"`
	Description string  `json:"description,omitempty"`
	URL         string  `json:"url,omitempty"`
	Published   *Moment `json:"datePublished,omitempty"`
	Format      string  `json:"format,omitempty"`
}

// Milestone is a date that something is due, and when it was met.
type Milestone struct {
	ID          string  `json:"id"`
	Title       string  `json:"title,omitempty"`
	Type        string  `json:"type,omitempty"`
	Description string  `json:"description,omitempty"`
	Due         *Moment `json:"dueDate,omitempty"`
	Met         *Moment `json:"dateMet,omitempty"`
	Status      string  `json:"status,omitempty"`
}

// Amendment is a change with its reason.
type Amendment struct {
	ID          string  `json:"id"`
	Date        *Moment `json:"date,omitempty"`
	Rationale   string  `json:"rationale,omitempty"`
	Description string  `json:"description,omitempty"`
}

// Award is a decision for a supplier.
type Award struct {
	ID             string      `json:"id"`
	Title          string      `json:"title,omitempty"`
	Description    string      `json:"description,omitempty"`
	Status         string      `json:"status,omitempty"`
	Date           *Moment     `json:"date,omitempty"`
	Value          *Value      `json:"value,omitempty"`
	Suppliers      []Reference `json:"suppliers,omitempty"`
	Items          []Item      `json:"items,omitempty"`
	ContractPeriod *Period     `json:"contractPeriod,omitempty"`
	Documents      []Document  `json:"documents,omitempty"`
	Amendments     []Amendment `json:"amendments,omitempty"`
}

// Contract is what was signed, and how it goes.
type Contract struct {
	ID             string          `json:"id"`
	AwardID        string          `json:"awardID"`
	Title          string          `json:"title,omitempty"`
	Description    string          `json:"description,omitempty"`
	Status         string          `json:"status,omitempty"`
	Period         *Period         `json:"period,omitempty"`
	Value          *Value          `json:"value,omitempty"`
	Items          []Item          `json:"items,omitempty"`
	Signed         *Moment         `json:"dateSigned,omitempty"`
	Documents      []Document      `json:"documents,omitempty"`
	Milestones     []Milestone     `json:"milestones,omitempty"`
	Implementation *Implementation `json:"implementation,omitempty"`
	Amendments     []Amendment     `json:"amendments,omitempty"`
}

// Implementation is what came of a contract.
type Implementation struct {
	Milestones []Milestone `json:"milestones,omitempty"`
	Documents  []Document  `json:"documents,omitempty"`
}
