package evaluation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/interest"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/storage/db"
)

// Draw is one draw of a tender: what may be published of it, and who stands
// behind the codes, which only the buyer's officer and supervisor may learn
// before the result is published.
type Draw struct {
	bun.BaseModel `bun:"table:draw"`

	ID          id.ID      `bun:"id,pk"`
	Tender      id.ID      `bun:"tender"`
	Purpose     string     `bun:"purpose"`
	Round       int        `bun:"round"`
	Record      draw.File  `bun:"record"`
	Secret      drawSecret `bun:"secret"`
	CommittedBy id.ID      `bun:"committed_by"`
	CommittedAt time.Time  `bun:"committed_at"`
	DrawnBy     *id.ID     `bun:"drawn_by"`
	DrawnAt     *time.Time `bun:"drawn_at"`
}

type drawSecret struct {
	Nonce  string   `json:"nonce"`
	People []behind `json:"people"`
}

// behind is who a code stands for.
type behind struct {
	Code    string `json:"code"`
	Salt    string `json:"salt"`
	Account id.ID  `json:"account"`
	Subject string `json:"subject"`
}

// Need is what the officer asks the register for.
type Need struct {
	Needs  []draw.Need `json:"needs"`
	Region string      `json:"region,omitempty" description:"只抽取所在地以此开头的专家；空为不限"`
}

// Commit freezes the pool of experts after recusals and puts its commitment on
// the public trail. The seed can only come later, from somebody else.
func (s *Service) Commit(ctx context.Context, who party.Actor, tenderID id.ID, in Need) (Draw, error) {
	in.Region = strings.TrimSpace(in.Region)
	var out Draw
	err := s.change(ctx, who, tenderID, "panel", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		if err := s.vacant(ctx, tx, *t, now); err != nil {
			return err
		}
		last, err := drawsOf(ctx, tx, t.ID, draw.Experts)
		if err != nil {
			return err
		}
		if n := len(last); n > 0 && last[n-1].DrawnAt == nil {
			return fault.New(fault.Conflict, "名单已经公布，等待监督人输入种子；公布后不能重新组成名单")
		}
		out = Draw{ID: id.New(now), Tender: t.ID, Purpose: draw.Experts, Round: len(last) + 1, CommittedBy: who.Account, CommittedAt: now,
			Record: draw.File{Purpose: draw.Experts, Subject: string(t.ID), Number: t.No(), Needs: in.Needs, Pool: []draw.Entry{}}}
		if err := s.pool(ctx, tx, *t, in.Region, &out, now); err != nil {
			return err
		}
		out.Secret.Nonce = draw.Random(32)
		if err := out.Record.Commit(out.Secret.Nonce, now); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		text := fmt.Sprintf("第 %d 次；名单 %d 人，回避 %d 人；校验值 %s", out.Round, len(out.Record.Pool), len(out.Record.Recusals), out.Record.Commitment)
		return note(ctx, tx, who, now, t.ID, "公布专家抽取名单的校验值", text, articleChoose, true)
	})
	return out, err
}

// pool fills a draw with everybody in the register who may sit, and everybody
// who must stand aside with the reason. Codes hide who they are: each has its
// own salt.
func (s *Service) pool(ctx context.Context, tx bun.Tx, t tender.Tender, region string, d *Draw, now time.Time) error {
	var people []account.Account
	q := tx.NewSelect().Model(&people).Where("expert = ? AND expert_state = ?", true, account.Active).
		Where("id NOT IN (SELECT account FROM panel_member WHERE tender = ?)", t.ID).Order("id")
	if region != "" {
		q = q.Where("expert_region LIKE ? ESCAPE '!'", strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(region)+"%")
	}
	if err := q.Scan(ctx); err != nil {
		return db.Translate(err)
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	parties, err := interest.Parties(ctx, tx, t)
	if err != nil {
		return err
	}
	opened, err := openers(ctx, tx, t)
	if err != nil {
		return err
	}
	for _, a := range people {
		salt, subject := draw.Random(16), a.Name+" "+string(a.ID)
		p := behind{Code: draw.Code(salt, subject), Salt: salt, Account: a.ID, Subject: subject}
		d.Secret.People = append(d.Secret.People, p)
		ties, err := interest.OfPerson(ctx, tx, a, parties, set, now)
		if err != nil {
			return err
		}
		if len(ties) > 0 {
			// The reason names no party: who bid with whom is not the public's yet.
			d.Record.Recusals = append(d.Record.Recusals, draw.Recusal{Code: p.Code, Reason: recusalText(t, ties[0]), Article: ties[0].Rule.Source()})
			continue
		}
		if opened[a.ID] {
			d.Record.Recusals = append(d.Record.Recusals, draw.Recusal{Code: p.Code, Reason: "持有投标密钥或者主持开标", Article: tenderkey.ArticleApart})
			continue
		}
		d.Record.Pool = append(d.Record.Pool, draw.Entry{Code: p.Code, Specialties: account.Specialties(a.Specialties)})
	}
	return nil
}

// recusalText is a reason without the name of the person or the other party.
func recusalText(t tender.Tender, x interest.Tie) string {
	kind := "与一家投标人有利害关系"
	if x.Org == t.Buyer {
		kind = "与采购人有利害关系"
	}
	switch {
	case x.Staff:
		return kind + "：现为其工作人员"
	case strings.Contains(x.Why, "控制"):
		return kind + "：工作单位与其有控制关系"
	case strings.Contains(x.Why, "同名"):
		return kind + "：与其负责人、理事或监事同名"
	case strings.Contains(x.Why, "担任"):
		return kind + "：任职"
	}
	return kind + "：受雇"
}

// Draw runs the committed draw with the value that the supervisor types, and
// seats who was drawn. It is never the person who made the pool.
func (s *Service) Draw(ctx context.Context, who party.Actor, tenderID id.ID, value string) (Draw, error) {
	value = strings.TrimSpace(value)
	var out Draw
	err := s.change(ctx, who, tenderID, "draw", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var c fault.Check
		c.Must(value != "" && utf8.RuneCountInString(value) <= 200, "value", "请输入公布名单之后才产生的数，例如当天公布的彩票开奖号码，并写明来源，不超过 200 字")
		if err := c.Err(); err != nil {
			return err
		}
		d, err := s.lastDraw(ctx, tx, t.ID, draw.Experts)
		if err != nil {
			return err
		}
		if d.DrawnAt != nil {
			return fault.New(fault.Conflict, "已经抽取过了")
		}
		if d.CommittedBy == who.Account {
			return fault.New(fault.Forbidden, "组成名单的人不能输入种子，请由监督人输入")
		}
		if err := d.Record.Run(d.Secret.Nonce, value, now); err != nil {
			return err
		}
		for _, code := range d.Record.Seated {
			if err := s.seatDrawn(ctx, tx, *t, d, code, who, now); err != nil {
				return err
			}
		}
		d.DrawnBy, d.DrawnAt = &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&d).Column("record", "drawn_by", "drawn_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		out = d
		return note(ctx, tx, who, now, t.ID, "随机抽取评审专家", fmt.Sprintf("第 %d 次，抽中 %d 人；输入“%s”；种子 %s", d.Round, len(d.Record.Seated), value, d.Record.Seed), articleChoose, true)
	})
	return out, err
}

func (s *Service) seatDrawn(ctx context.Context, tx bun.Tx, t tender.Tender, d Draw, code string, who party.Actor, now time.Time) error {
	i := slices.IndexFunc(d.Secret.People, func(p behind) bool { return p.Code == code })
	if i < 0 {
		return fmt.Errorf("draw %s: nobody behind code %s", d.ID, code)
	}
	var a account.Account
	if err := db.Found(tx.NewSelect().Model(&a).Where("id = ?", d.Secret.People[i].Account).Scan(ctx), "账号"); err != nil {
		return err
	}
	m := Member{ID: id.New(now), Tender: t.ID, Account: a.ID, Seat: ExpertSeat, Name: a.Name, Employer: a.Employer, NamedBy: who.Account, NamedAt: now, Chosen: Drawn, Code: code}
	if err := seat(ctx, tx, &m); err != nil {
		return err
	}
	return tellSeated(ctx, tx, t, m, now)
}

// Decline records that a drawn expert does not come; the next alternate of the
// same specialty takes the seat.
func (s *Service) Decline(ctx context.Context, who party.Actor, tenderID, member id.ID, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.change(ctx, who, tenderID, "panel", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var c fault.Check
		c.Must(reason != "" && utf8.RuneCountInString(reason) <= 200, "decline", "请写明不能参加的原因，不超过 200 字")
		if err := c.Err(); err != nil {
			return err
		}
		var m Member
		if err := db.Found(tx.NewSelect().Model(&m).Where("id = ? AND tender = ? AND stood_aside = ''", member, t.ID).Scan(ctx), "评审成员"); err != nil {
			return err
		}
		if m.Chosen != Drawn {
			return fault.New(fault.Conflict, "%s不是抽取产生的，请用“移出”", m.Name)
		}
		if m.SubmittedAt != nil {
			return fault.New(fault.Conflict, "%s已经提交评分，不能替换", m.Name)
		}
		if err := db.One(tx.NewUpdate().Model((*Member)(nil)).Set("stood_aside = ?", "不能参加："+reason).Where("id = ?", m.ID).Exec(ctx)); err != nil {
			return err
		}
		if err := note(ctx, tx, who, now, t.ID, "抽中的专家不能参加", m.Name+"："+reason, "", false); err != nil {
			return err
		}
		return s.stepIn(ctx, tx, who, *t, m, reason, now)
	})
}

// stepIn seats the next alternate of the draw that seated a member who left.
func (s *Service) stepIn(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, gone Member, reason string, now time.Time) error {
	if gone.Chosen != Drawn {
		return nil
	}
	list, err := drawsOf(ctx, tx, gone.Tender, draw.Experts)
	if err != nil {
		return err
	}
	for _, d := range list {
		if !slices.Contains(d.Record.Seated, gone.Code) {
			continue
		}
		if err := d.Record.Refuse(gone.Code, publicReason(reason), now); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&d).Column("record").WherePK().Exec(ctx)); err != nil {
			return err
		}
		in := d.Record.Declines[len(d.Record.Declines)-1].Instead
		if in == "" {
			return nil
		}
		return s.seatDrawn(ctx, tx, t, d, in, who, now)
	}
	return nil
}

// publicReason keeps the names of parties out of the file that is published.
func publicReason(reason string) string {
	if strings.HasPrefix(reason, "回避") {
		return "回避"
	}
	return reason
}

func drawsOf(ctx context.Context, d bun.IDB, tenderID id.ID, purpose string) ([]Draw, error) {
	var out []Draw
	err := d.NewSelect().Model(&out).Where("tender = ? AND purpose = ?", tenderID, purpose).Order("round").Scan(ctx)
	return out, db.Translate(err)
}

func (s *Service) lastDraw(ctx context.Context, d bun.IDB, tenderID id.ID, purpose string) (Draw, error) {
	list, err := drawsOf(ctx, d, tenderID, purpose)
	if err != nil {
		return Draw{}, err
	}
	if len(list) == 0 {
		return Draw{}, fault.New(fault.NotFound, "还没有公布抽取名单")
	}
	return list[len(list)-1], nil
}

// Draws are the draws of experts for the buyer's officer and supervisor, as
// they stand: codes only.
func (s *Service) Draws(ctx context.Context, who party.Actor, tenderID id.ID) ([]draw.File, error) {
	if err := s.May(ctx, who, tenderID, "draws"); err != nil {
		return nil, err
	}
	return s.files(ctx, tenderID, draw.Experts, false)
}

// PublishedDraws are the draws as everybody may have them: from the moment the
// result is public, with the names of those who sat and their salts. The
// others who were in the pool stay pseudonyms for good: that they were not
// drawn is nobody's business. Before that it is NotFound.
func (s *Service) PublishedDraws(ctx context.Context, tenderID id.ID) ([]draw.File, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return nil, err
	}
	if !resultPublic(t) {
		return nil, fault.New(fault.NotFound, "抽取记录随采购结果一并公布")
	}
	list, err := s.files(ctx, tenderID, draw.Experts, true)
	if err != nil {
		return nil, err
	}
	lots, err := s.files(ctx, tenderID, draw.Tie, true)
	return append(list, lots...), err
}

// resultPublic reports whether the result of a tender has been published.
func resultPublic(t tender.Tender) bool {
	switch t.State {
	case tender.Awarded, tender.Contracted, tender.Completed:
		return true
	case tender.Draft, tender.Review, tender.Open, tender.Closed, tender.Opened, tender.Failed, tender.Evaluating, tender.Evaluated, tender.Decided, tender.Cancelled:
	}
	return false
}

func (s *Service) files(ctx context.Context, tenderID id.ID, purpose string, opened bool) ([]draw.File, error) {
	list, err := drawsOf(ctx, s.db, tenderID, purpose)
	if err != nil {
		return nil, err
	}
	out := []draw.File{}
	for _, d := range list {
		f := d.Record
		if opened {
			for _, p := range d.Secret.People {
				if slices.Contains(f.Seated, p.Code) {
					f.Openings = append(f.Openings, draw.Opening{Code: p.Code, Salt: p.Salt, Subject: p.Subject})
				}
			}
		}
		out = append(out, f)
	}
	return out, nil
}
