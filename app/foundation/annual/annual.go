// Package annual makes a donor's 年度捐赠汇总: what they gave one foundation in a
// year, frozen as a document with a number, beside the receipts that were made.
// It is no receipt, so that no 分 is receipted twice; asked for again after
// something changed, it is made anew and the one before says what replaced it.
package annual

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// ObjectKind is what a statement is called in the access registry and on its
// document.
const ObjectKind = "annual_statement"

// mostGifts bounds one statement; who gave more asks the foundation.
const mostGifts = 1000

// Statement is one issue of a donor's year.
type Statement struct {
	bun.BaseModel `bun:"table:annual_statement"`

	ID           id.ID     `bun:"id,pk" json:"id"`
	Foundation   id.ID     `bun:"foundation" json:"foundation"`
	DonorAccount *id.ID    `bun:"donor_account" json:"-"`
	DonorOrg     *id.ID    `bun:"donor_org" json:"-"`
	Year         int       `bun:"year" json:"year"`
	Number       string    `bun:"number" json:"number"`
	Content      string    `bun:"content" json:"-"` // SHA-256 of what it lists
	Document     id.ID     `bun:"document" json:"document"`
	CreatedBy    id.ID     `bun:"created_by" json:"-"`
	CreatedAt    time.Time `bun:"created_at" json:"created_at"`
}

// Service makes statements.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	receipts *receipt.Service
	archive  *archive.Service
	public   string
}

// New makes the service; publicURL is what the QR code's address begins with.
func New(d *bun.DB, c clock.Clock, r *receipt.Service, a *archive.Service, publicURL string) *Service {
	return &Service{d, c, r, a, strings.TrimRight(publicURL, "/")}
}

// May is the access function of a statement: its donor's alone.
func (s *Service) May(ctx context.Context, who party.Actor, statement id.ID, _ string) error {
	var x Statement
	if err := s.db.NewSelect().Model(&x).Where("id = ?", statement).Scan(ctx); err != nil {
		return db.Found(err, "年度捐赠汇总")
	}
	if x.DonorOrg != nil && who.Org == *x.DonorOrg || x.DonorAccount != nil && who.Account == *x.DonorAccount {
		return nil
	}
	return fault.New(fault.NotFound, "没有找到这份年度捐赠汇总")
}

// mine narrows a query to what the actor gave, or was made for them.
func mine(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if who.Org != "" {
		return q.Where("donor_org = ?", who.Org)
	}
	return q.Where("donor_account = ?", who.Account)
}

// Year is what the actor gave one foundation in one year.
type Year struct {
	Foundation     id.ID      `json:"foundation"`
	FoundationName string     `json:"foundation_name"`
	Year           int        `json:"year"`
	Count          int        `json:"count"`
	Total          money.Fen  `json:"total"`     // 分, of what has an amount
	Receipted      money.Fen  `json:"receipted"` // 分, of it
	Waiting        int        `json:"waiting"`   // donations without a receipt that counts
	Statement      *Statement `json:"statement,omitempty"`
	Stale          bool       `json:"stale,omitempty"` // something changed since the statement
}

// gathered is a year with what its statement would say.
type gathered struct {
	Year
	lines []document.AnnualGift
	donor donation.Donation // the latest: its name is the one on the statement
	demo  bool
}

func (g gathered) hash() (string, error) {
	b, err := json.Marshal([]any{g.donor.DonorName, g.donor.DonorUSCC, g.lines})
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// Years lists the actor's years, newest first, by foundation.
func (s *Service) Years(ctx context.Context, who party.Actor) ([]Year, error) {
	all, err := s.gather(ctx, s.db, who)
	if err != nil {
		return nil, err
	}
	var made []Statement
	if err := mine(s.db.NewSelect().Model(&made), who).Order("number").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := make([]Year, 0, len(all))
	for _, g := range all {
		hash, err := g.hash()
		if err != nil {
			return nil, err
		}
		for _, x := range made {
			if x.Foundation == g.Foundation && x.Year == g.Year.Year {
				g.Statement, g.Stale = &x, x.Content != hash
			}
		}
		out = append(out, g.Year)
	}
	return out, nil
}
