// Package opening takes the bids out after the deadline, one by one, on record,
// while their bidders watch.
//
// The key holders give their shares; once enough are there an officer or a
// supervisor starts, and each bid is decrypted and read out in a transaction of
// its own. Bidders confirm what was read or object; then the opening is closed
// with the 开标记录. Where too few bids came nothing is opened and no key is
// used.
//
// Shares and the key that they make are in the memory of this process and
// nowhere else: they are given after the deadline only, and forgotten when the
// last bid is read, when the opening ends any other way, or after two hours.
// So several replicas behind one address must send all of a tender's /opening
// routes to the same one (sticky by path). What has been read is in the
// database: any replica can show it and its events, and after a kill the
// holders give their shares again and reading goes on with the next bid.
//
// Blame: a bid that cannot be opened although it is, byte for byte, what its
// receipt says is its bidder's fault: it counts as withdrawn, its reason is
// read out, and the others go on (电子招标投标办法). Anything else (an object
// that is missing or differs from its receipt, a store that does not answer)
// is the platform's: the opening stops, says so, and can be started again.
package opening

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// Outcome is what came of an opening.
type Outcome string

// The outcomes; "" until it is closed.
const (
	Done   Outcome = "opened" // 已开标
	TooFew Outcome = "failed" // 不足法定家数: nothing was opened, or too little could be
)

// State is how far an opening has come.
type State string

// The states. Before and Gathering are not stored: there is no opening yet.
const (
	Before     State = "before"     // the deadline has not passed
	Gathering  State = "gathering"  // shares are awaited
	Reading    State = "reading"    // bids are being read out
	Stopped    State = "stopped"    // the platform's fault; to be started again
	Confirming State = "confirming" // all is read out; bidders answer
	Closed     State = "closed"
)

// Person is somebody present at the opening.
type Person struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// Opening is the one opening of a tender.
type Opening struct {
	bun.BaseModel `bun:"table:opening"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Tender     id.ID      `bun:"tender" json:"tender"`
	State      State      `bun:"state" json:"state" enum:"reading,stopped,confirming,closed"`
	Outcome    Outcome    `bun:"outcome" json:"outcome,omitempty" enum:",opened,failed"`
	Bidders    int        `bun:"bidders" json:"bidders"` // bids standing at the deadline
	Least      int64      `bun:"least" json:"least"`     // how many the rule asks for
	Article    string     `bun:"article" json:"article"`
	OpenedAt   time.Time  `bun:"opened_at" json:"opened_at"` // when reading began
	OpenedBy   id.ID      `bun:"opened_by" json:"-"`
	OpenerName string     `bun:"opener_name" json:"-"`
	OpenerRole string     `bun:"opener_role" json:"-"`
	Holders    []Person   `bun:"holders" json:"-"` // whose shares made the key
	StoppedWhy string     `bun:"stopped_why" json:"stopped_reason,omitempty" description:"因平台原因中断的原因；排除后可继续"`
	Remark     string     `bun:"remark" json:"remark,omitempty" description:"关闭时对异议处理等的说明"`
	ClosedAt   *time.Time `bun:"closed_at" json:"closed_at,omitempty"`
	Record     *id.ID     `bun:"record" json:"record,omitempty" description:"开标记录的文书编号，关闭后才有"`
}

// Line is one bid as read out (唱标).
type Line struct {
	bun.BaseModel `bun:"table:opening_line"`

	ID           id.ID     `bun:"id,pk" json:"-"`
	Tender       id.ID     `bun:"tender" json:"-"`
	Bid          id.ID     `bun:"bid" json:"bid"`
	Version      int       `bun:"version" json:"version"`
	Supplier     id.ID     `bun:"supplier" json:"supplier"`
	SupplierName string    `bun:"supplier_name" json:"supplier_name"`
	Position     int       `bun:"position" json:"position"` // from 1, in order of arrival
	Price        money.Fen `bun:"price" json:"price"`       // a unit price where the tender has a unit ceiling; 0 where Failed
	Delivery     string    `bun:"delivery" json:"delivery"`
	Files        int       `bun:"files" json:"files"` // how many attachments
	SHA256       string    `bun:"sha256" json:"sha256"`
	SubmittedAt  time.Time `bun:"submitted_at" json:"submitted_at"`
	// Failed is why the bid could not be opened, through its bidder's own
	// fault; it counts as withdrawn. "" for a bid that stands.
	Failed string `bun:"failed" json:"failed,omitempty" description:"因投标人自身原因未能开启的原因；视为撤回"`
}

// AnswerKind is what a bidder says to what was read out.
type AnswerKind string

// The answers.
const (
	Confirmed AnswerKind = "confirmed" // 无异议
	Objected  AnswerKind = "objected"  // 有异议
)

// Answer is a bidder's answer; the last one before closing counts.
type Answer struct {
	bun.BaseModel `bun:"table:opening_answer"`

	ID     id.ID      `bun:"id,pk" json:"-"`
	Tender id.ID      `bun:"tender" json:"-"`
	Bid    id.ID      `bun:"bid" json:"bid"`
	Kind   AnswerKind `bun:"kind" json:"kind" enum:"confirmed,objected"`
	Text   string     `bun:"text" json:"text,omitempty"`
	At     time.Time  `bun:"at" json:"at"`
	By     id.ID      `bun:"by" json:"-"`
}

// LeastBidders is the rule that says how many bids there must be: three in
// 公开招标 (财政部令第87号第41条); in a 竞争性磋商 for services two may go on
// (财库〔2015〕124号), and everything bought here is a service.
func LeastBidders(s rules.Set, method string) rules.Rule {
	if r, ok := s.Get(method + ".min_bidders_service"); ok {
		return r
	}
	return s.Of(method, "min_bidders")
}

// leastStanding is the rule on how many must be left once bids fell out
// through their bidders' own fault: a bid that counts as withdrawn is no
// response to the documents, and fewer than three responses are 废标
// (政府采购法第36条); a method without that rule asks for as many as it asks
// bidders.
func leastStanding(s rules.Set, method string) rules.Rule {
	if r, ok := s.Get(method + ".min_conforming"); ok {
		return r
	}
	return LeastBidders(s, method)
}
