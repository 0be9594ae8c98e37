package receipt

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
	"gongji/storage/mail"
)

// address is where a donor wants the receipt of one donation sent.
type address struct {
	bun.BaseModel `bun:"table:receipt_address"`

	Donation id.ID     `bun:"donation,pk"`
	Address  string    `bun:"address"`
	By       id.ID     `bun:"set_by"`
	At       time.Time `bun:"set_at"`
}

// MailState is how far a receipt's letter is.
type MailState string

// The states of a letter.
const (
	MailWaiting MailState = "waiting" // 待发送
	MailSending MailState = "sending" // being handed in
	MailSent    MailState = "sent"    // 已发送
	MailFailed  MailState = "failed"  // 未能发送
	MailUnsure  MailState = "unsure"  // 结果未知: it may have arrived, so it is not sent again unasked
)

// Name is the state in Chinese.
func (m MailState) Name() string {
	return map[MailState]string{MailWaiting: "等待发送", MailSending: "正在发送", MailSent: "已发送", MailFailed: "未能发送", MailUnsure: "结果未知"}[m]
}

// letter is one receipt on its way to its donor.
type letter struct {
	bun.BaseModel `bun:"table:receipt_mail"`

	Receipt  id.ID      `bun:"receipt,pk"`
	Batch    id.ID      `bun:"batch"`
	Address  string     `bun:"address"`
	State    MailState  `bun:"state"`
	Tries    int        `bun:"tries"`
	Problem  string     `bun:"problem"`
	QueuedBy id.ID      `bun:"queued_by"`
	QueuedAt time.Time  `bun:"queued_at"`
	TriedAt  *time.Time `bun:"tried_at"`
	SentAt   *time.Time `bun:"sent_at"`
	// Interrupted is how often a process died over it: it may have come that often more.
	Interrupted int `bun:"interrupted"`
}

// Address is where the receipt of a donation is to be sent, "" where nobody
// gave an address. For the donor and for those who issue.
func (s *Bulk) Address(ctx context.Context, who party.Actor, of id.ID) (string, error) {
	if _, err := s.addressee(ctx, s.db, who, of); err != nil {
		return "", err
	}
	var list []address
	err := s.db.NewSelect().Model(&list).Where("donation = ?", of).Scan(ctx)
	if err != nil || len(list) == 0 {
		return "", db.Translate(err)
	}
	return list[0].Address, nil
}

func (s *Bulk) addressee(ctx context.Context, d bun.IDB, who party.Actor, of id.ID) (donation.Donation, error) {
	x, err := donation.Read(ctx, d, of)
	if err != nil {
		return x, err
	}
	return x, s.policy.Require(donation.Relations(who, x), "donation."+string(x.State), "mail")
}

// MayAddress reports whether the actor says where a donation's receipt goes.
func (s *Bulk) MayAddress(who party.Actor, d donation.Donation) bool {
	return s.policy.Any(donation.Relations(who, d), "donation."+string(d.State), "mail")
}

// SetAddress writes down where the donor wants the receipt sent; "" takes it
// back. Giving it is what allows the letter (个人信息保护法: for this purpose).
func (s *Bulk) SetAddress(ctx context.Context, who party.Actor, of id.ID, to string) error {
	to = strings.TrimSpace(to)
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		d, err := s.addressee(ctx, tx, who, of)
		if err != nil {
			return err
		}
		now, said := s.clock.Now(), "收据不发送到邮箱"
		if to == "" {
			if _, err := tx.NewDelete().Model((*address)(nil)).Where("donation = ?", of).Exec(ctx); err != nil {
				return db.Translate(err)
			}
		} else {
			a, ok := mail.Address(to)
			if !ok {
				return mend("email", "电子邮箱应形如 name@example.cn")
			}
			row := address{Donation: of, Address: a, By: who.Account, At: now}
			if _, err := tx.NewInsert().Model(&row).On("CONFLICT (donation) DO UPDATE").Set("address = EXCLUDED.address, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at").Exec(ctx); err != nil {
				return db.Translate(err)
			}
			said = "填写收据邮箱" // the address itself is not on the timeline
		}
		return record(ctx, tx, who, now, d, said, "", "")
	})
}

// Mails counts the letters of a batch.
type Mails struct {
	Configured bool          `json:"configured" description:"平台配置了发信服务"`
	Addressed  int           `json:"addressed" description:"捐赠人留了邮箱、收据有效而还没有发送的"`
	Waiting    int           `json:"waiting"`
	Sent       int           `json:"sent"`
	Failed     int           `json:"failed"`
	Unsure     int           `json:"unsure" description:"结果未知，再次发送可能重复"`
	Nowhere    int           `json:"nowhere" description:"没有留邮箱的"`
	Twice      int           `json:"perhaps_twice" description:"发送时服务中断、由系统再发的：捐赠人可能收到两封相同的"`
	Trouble    []MailTrouble `json:"trouble,omitempty" description:"没有发出的原因"`
}

// MailTrouble is why letters of a batch are not sent, the most frequent first.
type MailTrouble struct {
	State MailState `bun:"state" json:"state"`
	Why   string    `bun:"problem" json:"why"`
	N     int       `bun:"n" json:"count"`
}

// Mails counts the letters of a batch the actor may view.
func (s *Bulk) Mails(ctx context.Context, who party.Actor, batch id.ID) (Mails, error) {
	out := Mails{Configured: s.sender != nil}
	if err := s.May(ctx, who, batch, "view"); err != nil {
		return out, err
	}
	var list []struct {
		State string `bun:"state"`
		N     int    `bun:"n"`
	}
	err := s.db.NewSelect().TableExpr("receipt_batch_row AS x").Join("JOIN receipt AS r ON r.id = x.receipt").
		Join("LEFT JOIN receipt_address AS a ON a.donation = x.donation").Join("LEFT JOIN receipt_mail AS m ON m.receipt = r.id").
		ColumnExpr("COALESCE(m.state, CASE WHEN a.donation IS NULL THEN 'nowhere' ELSE 'addressed' END) AS state, COUNT(*) AS n").
		Where("x.batch = ? AND r.state = ?", batch, Issued).GroupExpr("1").Scan(ctx, &list)
	for _, x := range list {
		switch MailState(x.State) {
		case MailWaiting, MailSending:
			out.Waiting += x.N
		case MailSent:
			out.Sent = x.N
		case MailFailed:
			out.Failed = x.N
		case MailUnsure:
			out.Unsure = x.N
		default:
			if x.State == "addressed" {
				out.Addressed = x.N
			} else {
				out.Nowhere = x.N
			}
		}
	}
	if err != nil {
		return out, db.Translate(err)
	}
	n, err := s.db.NewSelect().Model((*letter)(nil)).Where("batch = ? AND interrupted > 0", batch).Count(ctx)
	if err != nil {
		return out, db.Translate(err)
	}
	out.Twice = int(n)
	err = s.db.NewSelect().Model((*letter)(nil)).ColumnExpr("state, problem, COUNT(*) AS n").Where("batch = ? AND state <> ? AND problem <> ''", batch, MailSent).
		GroupExpr("state, problem").OrderExpr("n DESC, problem").Limit(20).Scan(ctx, &out.Trouble)
	return out, db.Translate(err)
}

// Deliver sends the receipts of a finished batch to the donors who gave an
// address, each once; a job does it. Those that failed are tried anew with the
// address as it is now. again also sends those whose first letter may have
// arrived. Errors: Conflict (no server configured, nothing to send).
func (s *Bulk) Deliver(ctx context.Context, who party.Actor, batch id.ID, again bool) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		b, err := s.decide(ctx, tx, who, batch, "deliver")
		if err != nil {
			return err
		}
		if s.sender == nil {
			return fault.New(fault.Conflict, "平台没有配置发信服务，不能发送；请联系平台管理员开通，或下载后自行发送")
		}
		redo := []MailState{MailFailed}
		if again {
			redo = append(redo, MailUnsure)
		}
		now := s.clock.Now()
		var list []letter
		err = tx.NewSelect().TableExpr("receipt_batch_row AS x").Join("JOIN receipt AS r ON r.id = x.receipt").Join("JOIN receipt_address AS a ON a.donation = x.donation").
			Join("JOIN document AS d ON d.id = r.document").Join("LEFT JOIN receipt_mail AS m ON m.receipt = r.id").ColumnExpr("r.id AS receipt, a.address").
			Where("x.batch = ? AND r.state = ? AND d.object_key <> ''", batch, Issued).Where("(m.receipt IS NULL OR m.state IN (?))", bun.List(redo)).Scan(ctx, &list)
		if err != nil {
			return db.Translate(err)
		}
		if len(list) == 0 {
			return fault.New(fault.Conflict, "没有要发送的：捐赠人没有留邮箱，或都已发送")
		}
		for i := range list {
			list[i].Batch, list[i].State, list[i].QueuedBy, list[i].QueuedAt = batch, MailWaiting, who.Account, now
		}
		for from := 0; from < len(list); from += 500 {
			part := list[from:min(from+500, len(list))]
			_, err := tx.NewInsert().Model(&part).On("CONFLICT (receipt) DO UPDATE").
				Set("state = EXCLUDED.state, address = EXCLUDED.address, tries = 0, problem = '', interrupted = 0, queued_by = EXCLUDED.queued_by, queued_at = EXCLUDED.queued_at").Exec(ctx)
			if err != nil {
				return db.Translate(err)
			}
		}
		if err := noteBatch(ctx, tx, who, now, b, "发送收据邮件", strconv.Itoa(len(list))+" 封", ""); err != nil {
			return err
		}
		return s.queue.Add(ctx, tx, mailJob{batch})
	})
}
