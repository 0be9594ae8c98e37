package tenderkey_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
	"gongji/app/trust/trail"
	"gongji/storage/db/dbtest"
)

func each(t *testing.T, run func(t *testing.T, h *tendertest.House)) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) { run(t, tendertest.New(t, d)) })
}

func want(t *testing.T, err error, kind fault.Kind, words string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want kind %v", err, kind)
	}
	fields, _ := fault.Complaints(err)
	text := err.Error()
	for _, f := range fields {
		text += " " + f.Message
	}
	if !strings.Contains(text, words) {
		t.Fatalf("%q does not say %q", text, words)
	}
}

// gate is what keeps a tender from publication.
func gate(t *testing.T, h *tendertest.House, x tender.Tender) string {
	t.Helper()
	var c fault.Check
	if err := tenderkey.Gate(t.Context(), h.DB, x, h.Clock.Now(), &c); err != nil {
		t.Fatal(err)
	}
	fields, _ := fault.Complaints(c.Err())
	if len(fields) == 0 {
		return ""
	}
	return fields[0].Message
}

func TestCeremony(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, x := t.Context(), h.Draft(t, nil)
		keys, people := h.TenderKeys, h.Holders(t)
		if got := gate(t, h, x); !strings.Contains(got, "请确定持钥人") {
			t.Errorf("gate of a draft without holders: %q", got)
		}
		_, err := keys.Generate(ctx, h.Officer, x.ID)
		want(t, err, fault.NotFound, "还没有确定持钥人")
		if _, err := keys.Name(ctx, h.Officer, x.ID, h.Naming(t)); err != nil {
			t.Fatal(err)
		}
		if got := gate(t, h, x); !strings.Contains(got, "生成投标密钥") {
			t.Errorf("gate before the ceremony: %q", got)
		}
		h.Clock.Advance(time.Minute)
		k, err := keys.Generate(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Minute)
		if !strings.HasPrefix(k.Recipient, "age1") || k.State != tenderkey.Made || k.Ready() {
			t.Errorf("after the ceremony: %+v", k)
		}
		_, err = keys.Generate(ctx, h.Officer, x.ID)
		want(t, err, fault.Conflict, "已经生成")
		for i, p := range people {
			if got := gate(t, h, x); !strings.Contains(got, "没有演练") {
				t.Errorf("gate with %d of %d rehearsals: %q", i, len(people), got)
			}
			if err := p.Rehearse(ctx, keys, x.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := gate(t, h, x); got != "" {
			t.Errorf("gate of a ready tender: %q", got)
		}
		opened(t, h, x, h.Shares(t, x)[:2])
		public(t, h, x, "命名持钥人", "生成密钥", "演练密钥", "演练密钥", "演练密钥")
	})
}

// opened has some holders open something that was sealed to the tender.
func opened(t *testing.T, h *tendertest.House, x tender.Tender, shares []string) {
	t.Helper()
	k, err := tenderkey.Current(t.Context(), h.DB, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.Sealed()
	if err != nil {
		t.Fatal(err)
	}
	var checked []seal.Share
	for _, text := range shares {
		s, err := sealed.Check(text)
		if err != nil {
			t.Fatal(err)
		}
		checked = append(checked, s)
	}
	if _, err := sealed.Recover(checked); err != nil {
		t.Fatal(err)
	}
}

func public(t *testing.T, h *tendertest.House, x tender.Tender, actions ...string) {
	t.Helper()
	events, err := trail.Of(t.Context(), h.DB, "tender", x.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.Action)
	}
	if strings.Join(got, " ") != strings.Join(actions, " ") {
		t.Errorf("public events: %v, want %v", got, actions)
	}
}

func TestNaming(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, x := t.Context(), h.Draft(t, nil)
		supplier := h.Supplier(t, "某社会工作服务中心")
		operator := h.Actor(t, h.Org(t, party.Platform, "平台"), "平台", party.Platform, party.Admin)
		approver, nobody := h.Approver, party.Actor{Account: "nobody"}
		people := h.Holders(t)
		officer, watcher, agent := people[0].Actor, people[1].Actor, people[2].Actor
		seat := func(who party.Actor, d tenderkey.Duty) tenderkey.Seat {
			return tenderkey.Seat{Login: tendertest.Login(who), Duty: d}
		}
		b, s, a := tenderkey.Buyer, tenderkey.Supervisor, tenderkey.Agency
		for _, c := range []struct {
			name  string
			k     int
			seats []tenderkey.Seat
			says  string
		}{
			{"one alone opens", 1, []tenderkey.Seat{seat(officer, b), seat(watcher, s), seat(agent, a)}, "至少要 2 人"},
			{"nobody to spare", 2, []tenderkey.Seat{seat(watcher, s), seat(agent, a)}, "持钥人至少 3 人"},
			{"nobody at all", 2, nil, "持钥人至少 3 人"},
			{"twice the same", 2, []tenderkey.Seat{seat(watcher, s), seat(watcher, s), seat(agent, a)}, "每人只能持一份"},
			{"unknown", 2, []tenderkey.Seat{seat(nobody, b), seat(watcher, s), seat(agent, a)}, "没有登录名为"},
			{"a bidder", 2, []tenderkey.Seat{seat(officer, b), seat(watcher, s), seat(supplier, a)}, "可能来投标"},
			{"the operator", 2, []tenderkey.Seat{seat(officer, b), seat(watcher, s), seat(operator, a)}, "平台的人员"},
			{"not of the buyer", 2, []tenderkey.Seat{seat(agent, b), seat(watcher, s), seat(officer, b)}, "不是采购人的人员"},
			{"not of 监督", 2, []tenderkey.Seat{seat(officer, s), seat(watcher, s), seat(agent, a)}, "不是采购人的监督人员"},
			{"not of an agency", 2, []tenderkey.Seat{seat(officer, b), seat(watcher, a), seat(agent, a)}, "采购人以外"},
			{"no duty", 2, []tenderkey.Seat{seat(officer, ""), seat(watcher, s), seat(agent, a)}, "请选择"},
			{"those who run it open alone", 2, []tenderkey.Seat{seat(officer, b), seat(approver, b), seat(agent, a)}, "办采购的人"},
			{"too many", 2, make([]tenderkey.Seat, 8), "最多 7 人"},
		} {
			_, err := h.TenderKeys.Name(ctx, h.Officer, x.ID, tenderkey.Naming{Threshold: c.k, Holders: c.seats})
			t.Run(c.name, func(t *testing.T) { want(t, err, fault.Invalid, c.says) })
		}
		for _, who := range []party.Actor{h.Approver, watcher, agent, supplier, operator} {
			if _, err := h.TenderKeys.Name(ctx, who, x.ID, h.Naming(t)); err == nil {
				t.Errorf("%s of %s named holders", who.Role, who.OrgName)
			}
		}
	})
}

func TestNamingAgain(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, x := t.Context(), h.Draft(t, nil)
		h.Keyed(t, x)
		if _, err := h.TenderKeys.Name(ctx, h.Officer, x.ID, h.Naming(t)); err != nil {
			t.Fatal(err)
		}
		if got := gate(t, h, x); got != "" {
			t.Errorf("naming the same voided the key: %q", got)
		}
		gone := h.Holders(t)[2]
		other := h.Actor(t, h.Bureau, h.Officer.OrgName, party.Bureau, party.Supervisor)
		in := h.Naming(t)
		in.Holders[2] = tenderkey.Seat{Login: tendertest.Login(other), Duty: tenderkey.Supervisor}
		if _, err := h.TenderKeys.Name(ctx, h.Officer, x.ID, in); err != nil {
			t.Fatal(err)
		}
		if got := gate(t, h, x); !strings.Contains(got, "生成投标密钥") {
			t.Errorf("another holder left the old key in force: %q", got)
		}
		if _, err := h.TenderKeys.Mine(ctx, gone.Actor, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("who is no holder any more still sees the part: %v", err)
		}
		var left int
		if err := h.DB.NewSelect().TableExpr("key_holder").ColumnExpr("count(*)").Where("share_file <> ''").Scan(ctx, &left); err != nil || left != 0 {
			t.Errorf("%d old parts are kept (%v)", left, err)
		}
		_, err := h.TenderKeys.Generate(ctx, h.Officer, x.ID)
		want(t, err, fault.Conflict, "还没有个人密钥")
	})
}

func TestRehearsalRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, x, y := t.Context(), h.Draft(t, nil), h.Draft(t, nil)
		h.Keyed(t, y)
		people := h.Holders(t)
		if _, err := h.TenderKeys.Name(ctx, h.Officer, x.ID, h.Naming(t)); err != nil {
			t.Fatal(err)
		}
		_, err := h.TenderKeys.Rehearse(ctx, people[0].Actor, x.ID, "")
		want(t, err, fault.Conflict, "还没有生成")
		if _, err := h.TenderKeys.Generate(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		for name, of := range map[string]struct {
			who    holder.Person
			tender tender.Tender
		}{"another holder's": {people[1], x}, "another tender's": {people[0], y}} {
			f, err := of.who.Open(ctx, h.TenderKeys, of.tender.ID)
			if err != nil {
				t.Fatal(err)
			}
			_, err = h.TenderKeys.Rehearse(ctx, people[0].Actor, x.ID, f.Word)
			t.Run(name+" word", func(t *testing.T) { want(t, err, fault.Invalid, "不是您的密钥份") })
		}
		_, err = h.TenderKeys.Rehearse(ctx, people[0].Actor, x.ID, "")
		want(t, err, fault.Invalid, "不是您的密钥份")
		if _, err := h.TenderKeys.Rehearse(ctx, h.Supplier(t, "路人"), x.ID, "word"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger rehearses: %v", err)
		}
		if strings.Contains(gate(t, h, x), "2 位") {
			t.Error("a refused rehearsal counted")
		}
	})
}

// A holder who forgot the passphrase makes a new key; before publication the
// ceremony is held again, and everybody rehearses again.
func TestForgotten(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, x := t.Context(), h.Draft(t, nil)
		h.Keyed(t, x)
		people := h.Holders(t)
		if err := people[1].MakeKey(ctx, h.Keys); err != nil {
			t.Fatal(err)
		}
		if got := gate(t, h, x); !strings.Contains(got, "重新生成") {
			t.Errorf("gate with a new personal key: %q", got)
		}
		k, err := h.TenderKeys.Generate(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if k.Rehearsed() != 0 {
			t.Errorf("%d rehearsals of the old key count", k.Rehearsed())
		}
		for _, p := range people {
			if err := p.Rehearse(ctx, h.TenderKeys, x.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := gate(t, h, x); got != "" {
			t.Error(got)
		}
	})
}

func TestAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, x := t.Context(), h.Draft(t, nil)
		people := h.Holders(t)
		if _, err := h.TenderKeys.Name(ctx, h.Officer, x.ID, h.Naming(t)); err != nil {
			t.Fatal(err)
		}
		errs := together(4, func(int) error {
			_, err := h.TenderKeys.Generate(ctx, h.Officer, x.ID)
			return err
		})
		if n := refused(t, errs, fault.Conflict); n != 3 {
			t.Fatalf("%d of 4 ceremonies were refused", n)
		}
		for _, err := range together(len(people), func(i int) error { return people[i].Rehearse(context.WithoutCancel(ctx), h.TenderKeys, x.ID) }) {
			if err != nil {
				t.Error(err)
			}
		}
		if got := gate(t, h, x); got != "" {
			t.Error(got)
		}
	})
}

func together(n int, do func(i int) error) []error {
	out := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { out[i] = do(i) })
	}
	all.Wait()
	return out
}

func refused(t *testing.T, errs []error, kind fault.Kind) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		switch {
		case fault.Is(err, kind):
			n++
		case err != nil:
			t.Error(err)
		}
	}
	return n
}
