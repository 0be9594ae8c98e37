package credential_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/party/credential"
	"gongji/app/party/inbox"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/bidtest"
	"gongji/app/trust/access"
	"gongji/storage/db/dbtest"
)

func TestAnOrganisationIsWarnedOnceEach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		s := credential.New(d, h.Clock, h.Policy)
		who := h.Supplier(t, "晨光社会工作服务中心")
		start := h.Clock.Now()
		last := calendar.Date(start).AddDate(0, 0, 100)
		for _, in := range []credential.Input{{Kind: credential.Registration, Issuer: "市民政局", IssuedOn: "2020-01-01", ValidUntil: last.Format(time.DateOnly)},
			{Kind: credential.Licence, Issuer: "市卫健委", IssuedOn: "2020-01-01"}, {Kind: credential.Tax, Issuer: "市财政局", IssuedOn: "2020-01-01", ValidUntil: calendar.Date(start).AddDate(0, 0, 5).Format(time.DateOnly)}} {
			if _, err := s.Add(ctx, who, in); err != nil {
				t.Fatal(err)
			}
		}
		told := func() (out []string) {
			t.Helper()
			for range 2 { // a night may run twice
				if err := s.Warn(ctx); err != nil {
					t.Fatal(err)
				}
			}
			box, err := inbox.New(d, h.Clock).List(ctx, who, inbox.Filter{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range box.Items {
				out = append(out, m.Title)
			}
			return out
		}
		if got := told(); len(got) != 1 || got[0] != "免税或税前扣除资格还有 5 天到期" {
			t.Fatalf("at the start: %v", got)
		}
		for i, c := range []struct {
			left, letters int
		}{{91, 1}, {90, 2}, {89, 2}, {31, 2}, {30, 3}, {8, 3}, {7, 4}, {1, 4}, {0, 4}, {-1, 4}} {
			h.Clock.Set(last.AddDate(0, 0, -c.left).Add(8 * time.Hour))
			if got := told(); len(got) != c.letters {
				t.Errorf("%d: with %d days left %d letters: %v", i, c.left, len(got), got)
			}
		}
	})
}

func TestAnExpiredRegistrationBlocksABid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		s := credential.New(d, h.Clock, h.Policy)
		attachments := attachment.New(d, h.Clock, h.Store, access.Registry{credential.ObjectKind: s.May})
		x, who := h.Published(t, nil), h.Supplier(t, "晨光社会工作服务中心")
		yesterday := calendar.Date(h.Clock.Now()).AddDate(0, 0, -1).Format(time.DateOnly)
		in := credential.Input{Kind: credential.Registration, Issuer: "市民政局", IssuedOn: "2020-01-01", ValidUntil: yesterday}
		add := func() credential.Credential {
			t.Helper()
			c, err := s.Add(ctx, who, in)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		scan := func(c credential.Credential) {
			t.Helper()
			if _, err := attachments.Add(ctx, who, credential.ObjectKind, c.ID, "", "登记证书.pdf", strings.NewReader("%PDF-1.4\n%%EOF\n")); err != nil {
				t.Fatal(err)
			}
		}
		first := add()
		if _, err := h.Bids.Begin(ctx, who, x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "证书库") {
			t.Errorf("a bid with a registration that ran out: %v", err)
		}
		if err := s.End(ctx, who, first.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bids.Begin(ctx, who, x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "移出") {
			t.Errorf("a bid after the one that ran out was taken out: %v", err)
		}
		in.ValidUntil = calendar.Date(*x.Deadline).AddDate(0, 0, -1).Format(time.DateOnly)
		second := add()
		if _, err := h.Bids.Begin(ctx, who, x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "扫描件") {
			t.Errorf("a bid with a certificate that nobody can read: %v", err)
		}
		scan(second)
		b, err := h.Bids.Begin(ctx, who, x.ID)
		if err != nil || b.State != bid.Draft {
			t.Fatal(b, err)
		}
		if soon, err := s.Lacking(ctx, who.Org, *x.Deadline); err != nil || len(soon) != 1 || soon[0].Kind != credential.Registration {
			t.Errorf("the page of the bid does not say it runs out before the deadline: %+v, %v", soon, err)
		}
		in.ValidUntil = ""
		add()
		if soon, err := s.Lacking(ctx, who.Org, *x.Deadline); err != nil || len(soon) != 0 {
			t.Errorf("renewed: %+v, %v", soon, err)
		}
	})
}
