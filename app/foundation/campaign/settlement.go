package campaign

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/statement"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// MostGifts bounds the donors of one settlement.
const MostGifts = 1_000_000_000

// Settlement is what a platform pays over for a span of days. It names nobody.
// Amounts in 分; Net = Gross − Fee. Until it is entered it is a draft that waits
// for the platform's statement; then it is one donation.
type Settlement struct {
	bun.BaseModel `bun:"table:campaign_settlement,alias:s"`

	ID        id.ID      `bun:"id,pk" json:"id"`
	Campaign  id.ID      `bun:"campaign" json:"campaign"`
	Reference string     `bun:"reference" json:"reference" description:"平台的结算单号"`
	Gross     money.Fen  `bun:"gross" json:"gross"`
	Fee       money.Fen  `bun:"fee" json:"platform_fee"`
	Net       money.Fen  `bun:"net" json:"net"`
	Gifts     int64      `bun:"gifts" json:"gifts" description:"捐赠人次"`
	From      time.Time  `bun:"from_day" json:"from"` // 00:00 of the first day, Beijing
	To        time.Time  `bun:"to_day" json:"to"`     // 00:00 of the last day, which counts
	Donation  *id.ID     `bun:"donation" json:"donation,omitempty"`
	CreatedBy id.ID      `bun:"created_by" json:"-"`
	CreatedAt time.Time  `bun:"created_at" json:"created_at"`
	EnteredAt *time.Time `bun:"entered_at" json:"entered_at,omitempty"`
	Bad       Bads       `bun:"listed_bad" json:"-"` // of the list of those who asked for a receipt

	// What became of the donation; "" and nil while there is none.
	State             donation.State `bun:"donation_state,scanonly" json:"state"`
	DonationReference string         `bun:"donation_reference,scanonly" json:"donation_reference,omitempty"`
	ArrivedAt         *time.Time     `bun:"arrived_at,scanonly" json:"arrived_at,omitempty"`
}

// Bads are the rows of a list that could not be read.
type Bads []statement.Bad

// StateName is where the settlement stands, in Chinese.
func (x Settlement) StateName() string {
	switch x.State {
	case donation.Pledged:
		return "待另一人确认到账"
	case donation.Confirmed:
		return "已到账"
	case donation.Cancelled:
		return "已取消"
	}
	return "待登记"
}

// Arrived is a settlement as the public sees it.
type Arrived struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Gross money.Fen `json:"gross"`
	Fee   money.Fen `json:"platform_fee"`
	Net   money.Fen `json:"net"`
	Gifts int64     `json:"gifts"`
	At    time.Time `json:"arrived_at"`
}

// SettlementForm is a settlement as it is typed.
type SettlementForm struct {
	Reference string `json:"reference" description:"平台的结算单号"`
	From      string `json:"from" description:"结算期间第一天，例如 2026-06-01"`
	To        string `json:"to" description:"结算期间最后一天，当日计入"`
	Gross     string `json:"gross" description:"捐赠人捐出的总额，元"`
	Fee       string `json:"platform_fee" description:"平台或支付通道扣除的费用，元；没有填 0"`
	Net       string `json:"net" description:"结算给基金会的净额，元；等于总额减费用"`
	Gifts     string `json:"gifts" description:"捐赠人次"`
}

// read reads the form for a campaign, at now.
func (f SettlementForm) read(x Campaign, now time.Time) (Settlement, error) {
	var c fault.Check
	s := Settlement{Reference: names.Clean(f.Reference, 200)}
	n := utf8.RuneCountInString(s.Reference)
	c.Must(n >= 2 && n <= 60, "reference", "请填写平台的结算单号，2–60 个字")
	var err error
	s.Gross, err = money.Parse(f.Gross)
	c.Adopt("gross", err)
	s.Fee, err = money.Parse(f.Fee)
	c.Adopt("platform_fee", err)
	s.Net, err = money.Parse(f.Net)
	c.Adopt("net", err)
	if !c.Failed("gross") {
		c.Must(s.Gross > 0 && s.Gross <= donation.MostAmount, "gross", "总额应大于 0 元、小于 10 万亿元")
	}
	if !c.Failed("platform_fee") {
		c.Must(s.Fee >= 0 && (c.Failed("gross") || s.Fee < s.Gross), "platform_fee", "费用不能小于 0，也不能达到总额")
	}
	if !c.Failed("gross") && !c.Failed("platform_fee") && !c.Failed("net") {
		c.Must(s.Net == s.Gross-s.Fee, "net", "净额应等于总额减费用，即 %s 元，请照结算单核对", (s.Gross - s.Fee).Yuan())
	}
	s.Gifts, err = strconv.ParseInt(strings.TrimSpace(f.Gifts), 10, 64)
	c.Must(err == nil && s.Gifts > 0 && s.Gifts <= MostGifts, "gifts", "请填写捐赠人次，1 以上的整数")
	if !c.Failed("gifts") && !c.Failed("gross") {
		c.Must(s.Gifts <= int64(s.Gross), "gifts", "每人次至少 1 分，捐赠人次与总额不符，请核对")
	}
	from, to := calendar.Typed(&c, "from", f.From), calendar.Typed(&c, "to", f.To)
	if !c.Failed("from") {
		c.Must(from != nil, "from", "请填写结算期间的第一天")
	}
	if !c.Failed("to") {
		c.Must(to != nil, "to", "请填写结算期间的最后一天")
	}
	if from == nil || to == nil {
		return s, c.Err()
	}
	s.From, s.To = *from, *to
	c.Must(!s.From.Before(*x.StartsOn), "from", "结算期间不能早于募捐开始的日期")
	c.Must(!s.To.Before(s.From), "to", "最后一天不能早于第一天")
	c.Must(!s.To.After(now), "to", "结算期间不能晚于今天")
	return s, c.Err()
}

// Settle writes down a platform's settlement. It becomes money only when its
// statement is attached, it is entered, and somebody else confirms that it came.
// Errors: Invalid, Conflict (this statement was written down already).
func (s *Service) Settle(ctx context.Context, who party.Actor, campaign id.ID, in SettlementForm) (Settlement, error) {
	var out Settlement
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := read(ctx, tx, campaign, true)
		if err != nil {
			return err
		}
		if err := s.Require(who, x, "settle"); err != nil {
			return err
		}
		now := s.clock.Now()
		if out, err = in.read(x, now); err != nil {
			return err
		}
		same, err := settlements(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("s.campaign = ? AND s.reference = ? AND (d.state IS NULL OR d.state <> ?)", x.ID, out.Reference, donation.Cancelled)
		})
		if err != nil {
			return err
		}
		var c fault.Check
		c.Must(len(same) == 0, "reference", "这张结算单已经登记过，不能重复登记")
		if err := c.Err(); err != nil {
			return err
		}
		out.Bad = Bads{}
		out.ID, out.Campaign, out.CreatedBy, out.CreatedAt = id.New(now), x.ID, who.Account, now
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, x.ID, trail.Event{Action: "登记平台结算单", Note: out.Reference + "，净额 " + out.Net.Yuan() + " 元"})
	})
	return out, err
}

func missing() error {
	return fault.New(fault.NotFound, "没有找到这张结算单，可能已经删除，或地址有误")
}

// settlement reads one with its campaign, whose row it locks in a transaction.
func (s *Service) settlement(ctx context.Context, d bun.IDB, settlement id.ID, lock bool) (Settlement, Campaign, error) {
	one := func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("s.id = ?", settlement) }
	list, err := settlements(ctx, d, one)
	if err != nil {
		return Settlement{}, Campaign{}, err
	}
	if len(list) == 0 {
		return Settlement{}, Campaign{}, missing()
	}
	x, err := read(ctx, d, list[0].Campaign, lock)
	if err != nil || !lock {
		return list[0], x, err
	}
	if list, err = settlements(ctx, d, one); err == nil && len(list) == 0 { // as it is under the lock
		err = missing()
	}
	if err != nil {
		return Settlement{}, x, err
	}
	return list[0], x, nil
}

// GetSettlement reads a settlement with its campaign, for the foundation's own.
func (s *Service) GetSettlement(ctx context.Context, who party.Actor, settlement id.ID) (Settlement, Campaign, error) {
	y, x, err := s.settlement(ctx, s.db, settlement, false)
	if err == nil && !s.Allowed(who, x, "follow") {
		err = missing() // that there is one is nobody else's business, though the campaign is public
	}
	if err != nil {
		return Settlement{}, Campaign{}, err
	}
	return y, x, nil
}

// MaySettlement is the access function of a settlement and of its statement:
// read by the foundation only, changed until it is entered.
func (s *Service) MaySettlement(ctx context.Context, who party.Actor, settlement id.ID, action string) error {
	y, x, err := s.settlement(ctx, s.db, settlement, false)
	if err != nil {
		return err
	}
	if !s.Allowed(who, x, "follow") {
		return missing()
	}
	if action == "view" {
		return nil
	}
	if err := s.Require(who, x, "settle"); err != nil {
		return err
	}
	return y.fresh()
}

func (x Settlement) fresh() error {
	if x.Donation != nil {
		return fault.New(fault.Conflict, "这张结算单已经登记为捐赠，不能再改；有误请由财务在捐赠页面选“未到账”，再重新登记")
	}
	return nil
}

// Settlements lists all of a campaign's, newest first, for the foundation's own.
func (s *Service) Settlements(ctx context.Context, who party.Actor, campaign id.ID) ([]Settlement, error) {
	if err := s.May(ctx, who, campaign, "follow"); err != nil {
		return nil, err
	}
	return settlements(ctx, s.db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("s.campaign = ?", campaign).Limit(500) })
}

// Enter makes a settlement with its statement one donation of its net amount to
// the campaign's fund, awaiting the money: a line of the bank's statement is
// matched with it, or finance confirms it; never the person who entered it.
func (s *Service) Enter(ctx context.Context, who party.Actor, settlement id.ID) (Settlement, error) {
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		y, x, err := s.settlement(ctx, tx, settlement, true)
		if err != nil {
			return err
		}
		if err := s.Require(who, x, "settle"); err != nil {
			return err
		}
		if err := y.fresh(); err != nil {
			return err
		}
		now := s.clock.Now()
		files, err := s.Attachments.Of(ctx, tx, SettlementKind, y.ID)
		if err != nil {
			return err
		}
		var c fault.Check
		c.Must(len(files) > 0, "statement", "请先上传平台出具的结算单")
		if err := c.Err(); err != nil {
			return err
		}
		list, err := named(ctx, tx, y)
		if err != nil {
			return err
		}
		d, err := s.Donations.Gather(ctx, tx, who, donation.Gathering{Fund: *x.Fund, Amount: y.Net, Gifts: y.Gifts, Platform: x.Platform,
			Purpose: x.Name + "（备案编号 " + x.Filing + "）", Key: SettlementKind + "/" + string(y.ID), Named: list})
		if err != nil {
			return err
		}
		err = db.One(tx.NewUpdate().Model((*Settlement)(nil)).Set("donation = ?", d.ID).Set("entered_at = ?", now).
			Where("id = ? AND donation IS NULL", y.ID).Exec(ctx))
		if err != nil {
			return err
		}
		return record(ctx, tx, who, now, x.ID, trail.Event{Action: "结算单登记为捐赠", Note: y.Reference + "，捐赠登记号 " + d.Reference + entered(len(list))})
	})
	if err != nil {
		return Settlement{}, err
	}
	y, _, err := s.GetSettlement(ctx, who, settlement)
	return y, err
}

func entered(named int) string {
	if named == 0 {
		return ""
	}
	return "；其中 " + strconv.Itoa(named) + " 名申请开票的捐赠人各记一笔"
}

// Discard removes a settlement that was written down wrongly and not entered.
func (s *Service) Discard(ctx context.Context, who party.Actor, settlement id.ID) (Campaign, error) {
	var x Campaign
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		var y Settlement
		if y, x, err = s.settlement(ctx, tx, settlement, true); err != nil {
			return err
		}
		if err := s.Require(who, x, "settle"); err != nil {
			return err
		}
		if err := y.fresh(); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*Gift)(nil)).Where("settlement = ?", y.ID).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := db.One(tx.NewDelete().Model((*Settlement)(nil)).Where("id = ? AND donation IS NULL", y.ID).Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), x.ID, trail.Event{Action: "删除未登记的结算单", Note: y.Reference})
	})
	return x, err
}
