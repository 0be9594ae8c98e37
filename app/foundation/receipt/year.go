package receipt

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/storage/db"
)

// RequestState is where a donor's asking for one receipt of a year stands.
type RequestState string

// The states of a request.
const (
	RequestAsked     RequestState = "asked"     // 待制备
	RequestPrepared  RequestState = "prepared"  // 待复核
	RequestIssued    RequestState = "issued"    // 已开具
	RequestRefused   RequestState = "refused"   // 未开具, with the reason
	RequestWithdrawn RequestState = "withdrawn" // 已撤回
)

// Name is the state in Chinese.
func (s RequestState) Name() string {
	return map[RequestState]string{RequestAsked: "待制备", RequestPrepared: "待复核", RequestIssued: "已开具", RequestRefused: "未开具", RequestWithdrawn: "已撤回"}[s]
}

// Request is a donor's asking for one receipt of all that they gave a
// foundation in a year and that has no receipt yet (一年一张).
type Request struct {
	bun.BaseModel `bun:"table:receipt_request"`

	ID           id.ID        `bun:"id,pk" json:"id"`
	Foundation   id.ID        `bun:"foundation" json:"foundation"`
	DonorAccount *id.ID       `bun:"donor_account" json:"-"`
	DonorOrg     *id.ID       `bun:"donor_org" json:"-"`
	Year         int          `bun:"year" json:"year"`
	State        RequestState `bun:"state" json:"state"`
	AskedBy      id.ID        `bun:"asked_by" json:"-"`
	AskedAt      time.Time    `bun:"asked_at" json:"asked_at"`
	Reason       string       `bun:"reason" json:"reason,omitempty"` // why refused, or sent back by the reviewer
}

// requestGift is one donation that the receipt of a request covers.
type requestGift struct {
	bun.BaseModel `bun:"table:receipt_request_gift"`

	Request  id.ID `bun:"request,pk"`
	Donation id.ID `bun:"donation,pk"`
}

// Due is a request with what one receipt of it would cover now.
type Due struct {
	Request
	Donor    string    `json:"donor"`
	Gifts    []Gift    `json:"gifts"`
	Amount   money.Fen `json:"amount"` // 分
	Receipt  id.ID     `json:"receipt,omitempty"`
	Donation id.ID     `json:"donation,omitempty"` // of the receipt: its page is where it is reviewed
}

// Gift is one donation of a request.
type Gift struct {
	ID        id.ID     `json:"id"`
	Reference string    `json:"reference"`
	At        time.Time `json:"arrived_at"`
	Amount    money.Fen `json:"amount"` // 分
}

// mostGifts bounds one receipt; a batch issues what is more.
const mostGifts = 366

func of(q *bun.SelectQuery, account, org *id.ID) *bun.SelectQuery {
	if org != nil {
		return q.Where("donor_org = ?", *org)
	}
	return q.Where("donor_account = ?", account)
}

// uncovered are the donations of money of a donor that came in a year and have no
// receipt that counts, the first first; those that a refund was asked for wait.
// They bear one name: the last's, for a receipt has one.
func uncovered(ctx context.Context, d bun.IDB, r Request) ([]donation.Donation, error) {
	from := time.Date(r.Year, 1, 1, 0, 0, 0, 0, clock.Beijing)
	var list []donation.Donation
	err := of(d.NewSelect().Model(&list), r.DonorAccount, r.DonorOrg).
		Where("foundation = ? AND kind = ? AND state = ? AND arrived_at >= ? AND arrived_at < ?", r.Foundation, donation.Money, donation.Confirmed, from.UTC(), from.AddDate(1, 0, 0).UTC()).
		Where("refund_asked_at IS NULL AND NOT EXISTS (SELECT 1 FROM receipt_covers AS c WHERE c.donation = ?TableAlias.id AND c.state IN ('prepared', 'issued'))").
		Order("arrived_at", "id").Scan(ctx)
	if err != nil || len(list) == 0 {
		return nil, db.Translate(err)
	}
	last := list[len(list)-1]
	return slices.DeleteFunc(list, func(x donation.Donation) bool {
		return x.DonorName != last.DonorName || deref(x.DonorUSCC) != deref(last.DonorUSCC)
	}), nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func total(list []donation.Donation) (money.Fen, error) {
	var sum money.Fen
	for _, x := range list {
		var err error
		if sum, err = money.Add(sum, *x.Arrived); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// Ask asks a foundation for one receipt of what the actor gave it in a year and
// that has none yet. Asked again while it is open, that one is given. Conflict
// where nothing is without a receipt.
func (s *Service) Ask(ctx context.Context, who party.Actor, foundation id.ID, year int) (Request, error) {
	if err := s.policy.Require(who.Relations(), "receipt_request.new", "ask"); err != nil {
		return Request{}, err
	}
	now := s.clock.Now()
	r := Request{ID: id.New(now), Foundation: foundation, Year: year, State: RequestAsked, AskedBy: who.Account, AskedAt: now}
	if who.Org != "" {
		r.DonorOrg = &who.Org
	} else {
		r.DonorAccount = &who.Account
	}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		list, err := uncovered(ctx, tx, r)
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			return fault.New(fault.Conflict, "%d 年到账的捐款都已有收据（或正在开具），没有可以合开的", year)
		case len(list) > mostGifts:
			return fault.New(fault.Conflict, "这一年超过 %d 笔没有收据，请联系基金会批量开具", mostGifts)
		}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		to := []inbox.To{inbox.Desk(foundation, party.Finance, party.Reviewer)}
		return inbox.Send(ctx, tx, now, to, inbox.Letter{Title: "捐赠人申请年度收据", Text: fmt.Sprintf("%d 年，%d 笔捐款合开一张收据。", year, len(list)), Link: "/foundation/receipts/requests"})
	})
	if db.Duplicate(err) {
		var open Request
		err = of(s.db.NewSelect().Model(&open).Where("foundation = ? AND year = ? AND state IN (?)", foundation, year, bun.List([]RequestState{RequestAsked, RequestPrepared})), r.DonorAccount, r.DonorOrg).Scan(ctx)
		return open, db.Found(err, "申请")
	}
	return r, err
}

// Asked lists the actor's own requests, newest first.
func (s *Service) Asked(ctx context.Context, who party.Actor) ([]Request, error) {
	out := []Request{}
	if !who.SignedIn() {
		return out, nil
	}
	q := s.db.NewSelect().Model(&out)
	if who.Org != "" {
		q = q.Where("donor_org = ?", who.Org)
	} else {
		q = q.Where("donor_account = ?", who.Account)
	}
	err := q.Order("id DESC").Limit(200).Scan(ctx)
	return out, db.Translate(err)
}

// Withdraw takes back a request that nobody has prepared a receipt for.
func (s *Service) Withdraw(ctx context.Context, who party.Actor, request id.ID) (Request, error) {
	return s.request(ctx, request, func(_ context.Context, tx bun.Tx, r *Request, _ time.Time) error {
		if r.DonorOrg != nil && who.Org != *r.DonorOrg || r.DonorAccount != nil && (who.Account != *r.DonorAccount || who.Org != "") {
			return fault.New(fault.NotFound, "没有找到这个申请")
		}
		r.State = RequestWithdrawn
		return nil
	})
}

// Requests lists what waits at the actor's foundation, the oldest first.
func (s *Service) Requests(ctx context.Context, who party.Actor) ([]Due, error) {
	if !s.MayRequests(who) {
		return nil, fault.New(fault.Forbidden, "年度收据申请由财务和复核人办理；要办理的，请切换到这些身份")
	}
	var list []Request
	err := s.db.NewSelect().Model(&list).Where("foundation = ? AND state IN (?)", who.Org, bun.List([]RequestState{RequestAsked, RequestPrepared})).Order("id").Limit(200).Scan(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	out := make([]Due, 0, len(list))
	for _, r := range list {
		x := Due{Request: r}
		var gifts []donation.Donation
		if r.State == RequestAsked {
			gifts, err = uncovered(ctx, s.db, r)
		} else {
			gifts, err = covered(ctx, s.db, r.ID, false)
		}
		if err == nil {
			for _, g := range gifts {
				x.Gifts = append(x.Gifts, Gift{g.ID, g.Reference, *g.ArrivedAt, *g.Arrived})
			}
			x.Amount, err = total(gifts)
		}
		if err != nil {
			return nil, err
		}
		if len(gifts) > 0 {
			x.Donor = gifts[0].DonorName
		}
		if r.State == RequestPrepared {
			var live Receipt
			if err := s.db.NewSelect().Model(&live).Where("request = ? AND state = ?", r.ID, Prepared).Scan(ctx); err != nil {
				return nil, db.Found(err, "收据")
			}
			x.Receipt, x.Donation = live.ID, live.Donation
		}
		out = append(out, x)
	}
	return out, nil
}

// MayRequests reports whether the actor sees the requests of their foundation.
func (s *Service) MayRequests(who party.Actor) bool {
	return s.policy.Require(who.Relations(), "receipt_request.any", "list") == nil
}

// covered are the donations of a request that a receipt was prepared for.
func covered(ctx context.Context, d bun.IDB, request id.ID, lock bool) ([]donation.Donation, error) {
	var list []donation.Donation
	q := d.NewSelect().Model(&list).Where("id IN (SELECT donation FROM receipt_request_gift WHERE request = ?)", request).Order("id")
	if lock {
		q = db.Lock(q)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	slices.SortStableFunc(list, func(a, b donation.Donation) int { return a.ArrivedAt.Compare(*b.ArrivedAt) })
	return list, nil
}

// PrepareYear sets up the one receipt that a donor asked for, to be reviewed
// like any other. It covers what has no receipt at that moment. Errors:
// Conflict (all of it was receipted meanwhile).
func (s *Service) PrepareYear(ctx context.Context, who party.Actor, request id.ID, remark string) (Receipt, error) {
	remark = clean(remark)
	if err := s.policy.Require(who.Relations(), "receipt_request.any", "prepare"); err != nil {
		return Receipt{}, err
	}
	if len([]rune(remark)) > 200 {
		return Receipt{}, mend("remark", "备注不超过 200 个字")
	}
	var out Receipt
	_, err := s.request(ctx, request, func(ctx context.Context, tx bun.Tx, r *Request, now time.Time) error {
		if who.Org != r.Foundation {
			return fault.New(fault.NotFound, "没有找到这个申请")
		}
		list, err := uncovered(ctx, tx, *r)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.Conflict, "申请的捐款都已有收据，没有可以合开的；请写明原因后不予开具")
		}
		ids := make([]id.ID, len(list))
		for i, x := range list {
			ids[i] = x.ID
		}
		if _, err := donation.ForUpdateAll(ctx, tx, ids); err != nil { // a receipt for one of them waits here
			return err
		}
		if again, err := uncovered(ctx, tx, *r); err != nil || len(again) != len(list) {
			return fault.New(fault.Conflict, "捐款的收据刚有变化，请再试一次")
		}
		if _, err := tx.NewDelete().TableExpr("receipt_request_gift").Where("request = ?", r.ID).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		rows := make([]requestGift, len(ids))
		for i, x := range ids {
			rows[i] = requestGift{Request: r.ID, Donation: x}
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		sum, err := total(list)
		if err != nil {
			return err
		}
		out = Receipt{ID: id.New(now), Foundation: r.Foundation, Donation: ids[0], Request: &r.ID, State: Prepared, Remark: remark, Amount: &sum, Handler: who.Account, HandlerName: who.Name, PreparedAt: now}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		r.State = RequestPrepared
		return record(ctx, tx, who, now, list[0], "制备年度收据，待复核", fmt.Sprintf("%d 年，%d 笔合开一张", r.Year, len(list)), "")
	})
	return out, err
}

// Refuse ends a request without a receipt, and tells the donor why.
func (s *Service) Refuse(ctx context.Context, who party.Actor, request id.ID, reason string) (Request, error) {
	reason = clean(reason)
	if err := s.policy.Require(who.Relations(), "receipt_request.any", "prepare"); err != nil {
		return Request{}, err
	}
	if n := len([]rune(reason)); n == 0 || n > 500 {
		return Request{}, mend("reason", "请写明不予开具的原因，捐赠人会看到，不超过 500 个字")
	}
	return s.request(ctx, request, func(ctx context.Context, tx bun.Tx, r *Request, now time.Time) error {
		if who.Org != r.Foundation {
			return fault.New(fault.NotFound, "没有找到这个申请")
		}
		r.State, r.Reason = RequestRefused, reason
		return inbox.Send(ctx, tx, now, inbox.Persons(r.AskedBy), inbox.Letter{Title: "年度收据未开具", Text: reason, Link: "/donations#years"})
	})
}

// request locks a request that waits and changes it.
func (s *Service) request(ctx context.Context, request id.ID, do func(ctx context.Context, tx bun.Tx, r *Request, now time.Time) error) (Request, error) {
	var r Request
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := db.Lock(tx.NewSelect().Model(&r).Where("id = ?", request)).Scan(ctx); err != nil {
			return db.Found(err, "申请")
		}
		if r.State != RequestAsked {
			return fault.New(fault.Conflict, "这个申请%s，不能再办理", r.State.Name())
		}
		if err := do(ctx, tx, &r, s.clock.Now()); err != nil {
			return err
		}
		return db.One(tx.NewUpdate().Model(&r).Column("state", "reason").Where("id = ? AND state = ?", r.ID, RequestAsked).Exec(ctx))
	})
	return r, err
}

// reopen gives a request back to finance when its receipt was sent back.
func reopen(ctx context.Context, tx bun.Tx, r Receipt) error {
	if r.Request == nil {
		return nil
	}
	return db.One(tx.NewUpdate().Model((*Request)(nil)).Set("state = ?, reason = ?", RequestAsked, "复核退回："+r.Reason).Where("id = ? AND state = ?", *r.Request, RequestPrepared).Exec(ctx))
}

// issueYear is issue for the one receipt of a year: its number is allocated.
func (s *Service) issueYear(ctx context.Context, tx bun.Tx, r *Receipt, first donation.Donation, f fund.Fund, now time.Time) error {
	list, err := covered(ctx, tx, *r.Request, true)
	if err != nil {
		return err
	}
	names := map[id.ID]fund.Fund{f.ID: f}
	for _, x := range list {
		if x.State != donation.Confirmed || x.RefundAsked() {
			return fault.New(fault.Conflict, "捐赠 %s 已申请退回或已取消，请退回这张收据，重新制备", x.Reference)
		}
		if _, have := names[x.Fund]; !have {
			if names[x.Fund], err = fund.Read(ctx, tx, x.Fund); err != nil {
				return err
			}
		}
	}
	var asked Request
	if err := tx.NewSelect().Model(&asked).Where("id = ?", *r.Request).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	doc, err := s.archive.Issue(ctx, tx, s.yearItem(*r, asked, first, list, names, now))
	if err != nil {
		return err
	}
	r.Document = &doc.ID
	if err := save(ctx, tx, r, Prepared); err != nil {
		return err
	}
	for _, x := range list {
		if x.ID == first.ID {
			continue // Review says so
		}
		who := party.Actor{Account: *r.Reviewer, Org: r.Foundation, OrgName: f.FoundationName, Role: party.Reviewer}
		if err := record(ctx, tx, who, now, x, "复核通过，开具收据", "年度收据编号 "+r.Number(), rules.ReceiptContent); err != nil {
			return err
		}
	}
	if err := db.One(tx.NewUpdate().Model((*Request)(nil)).Set("state = ?, reason = ''", RequestIssued).Where("id = ? AND state = ?", asked.ID, RequestPrepared).Exec(ctx)); err != nil {
		return err
	}
	return inbox.Send(ctx, tx, now, inbox.Persons(asked.AskedBy), inbox.Letter{Title: "年度收据已开具", Text: fmt.Sprintf("%d 年的 %d 笔捐款合开收据 %s。", asked.Year, len(list), r.Number()), Link: "/donations#years"})
}

// yearItem is the receipt of a year as a document: a line for each fund and
// month, so that twelve months of standing orders are twelve lines.
func (s *Service) yearItem(r Receipt, asked Request, first donation.Donation, list []donation.Donation, funds map[id.ID]fund.Fund, now time.Time) archive.Item {
	one := funds[first.Fund]
	for _, x := range list { // the verification page shows one name: hidden at one gift is hidden
		first.Hidden, first.Confidential = first.Hidden || x.Hidden, first.Confidential || x.Confidential
	}
	item := s.item(r, Receipt{}, first, one, now)
	last := list[len(list)-1]
	c := face(r, Receipt{}, last, one, item.Content.(document.DonationReceipt).Issue)
	if len(funds) > 1 {
		c.ProjectCode, c.Project = "", one.FoundationName+fmt.Sprintf("（%d 个专项基金，见明细）", len(funds))
	}
	c.Lines = nil
	at := map[string]int{}
	count := map[int]int{}
	var refs []string
	for _, x := range list {
		month := x.ArrivedAt.In(clock.Beijing).Format("2006年1月")
		key := month + string(x.Fund)
		i, have := at[key]
		if !have {
			i = len(c.Lines)
			at[key] = i
			c.Lines = append(c.Lines, document.ReceiptLine{Item: "货币资金（定向捐赠）" + month + "，" + funds[x.Fund].Name, Amount: new(money.Fen)})
		}
		*c.Lines[i].Amount += *x.Arrived
		count[i]++
		refs = append(refs, x.Reference)
	}
	for i := range c.Lines {
		c.Lines[i].Item += fmt.Sprintf("，%d 笔", count[i])
	}
	if len(refs) > 6 {
		refs = append(refs[:6:6], fmt.Sprintf("等 %d 笔", len(list)))
	}
	c.Other = fmt.Sprintf("%d 年年度收据，捐赠登记号 %s", asked.Year, strings.Join(refs, "、"))
	item.Content = c
	for i, x := range item.Facts {
		switch x.Label {
		case "捐赠项目":
			item.Facts[i].Value = c.Project
		case "捐赠日期":
			item.Facts[i].Value = fmt.Sprintf("%d 年，%d 笔", asked.Year, len(list))
		}
	}
	return item
}
