package organisation_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/policy"
	"gongji/storage/db/dbtest"
)

type house struct {
	clock    *clock.Manual
	accounts *account.Service
	orgs     *organisation.Service
}

func newHouse(t *testing.T, d *bun.DB) house {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC))
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	a, err := account.New(d, c)
	if err != nil {
		t.Fatal(err)
	}
	return house{c, a, organisation.New(d, c, p, a)}
}

func registration() organisation.Registration {
	return organisation.Registration{
		NewAccount: account.NewAccount{Login: "zhangsan", Password: "一句好记的话不短", Name: "张三丰收收"},
		Kind:       party.Social,
		Profile:    organisation.Profile{Name: "晨光社会工作服务中心", USCC: "91654026MA78WT2Q66", Region: "四川省成都市"},
	}
}

func TestRegistrationIsReviewedBeforeItCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		in := registration()
		in.Password = "一句好记的话不短啊啊"
		o, err := h.orgs.Register(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.orgs.Get(ctx, party.Actor{}, o.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a visitor sees an unreviewed organisation: %v", err)
		}
		_, lead, err := h.accounts.SignIn(ctx, "ZhangSan ", in.Password, account.From{})
		if err != nil {
			t.Fatal(err)
		}
		if lead.Org != o.ID || lead.Role != party.Lead || lead.OrgKind != party.Social {
			t.Fatalf("signed in as %+v", lead)
		}
		if err := h.orgs.Decide(ctx, lead, o.ID, true, ""); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("an organisation approved itself: %v", err)
		}
		registrar := party.Actor{Account: lead.Account, Org: id.New(time.Now()), OrgKind: party.Bureau, Role: party.Registrar}
		if err := h.orgs.Decide(ctx, registrar, o.ID, false, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("sent back without a reason: %v", err)
		}
		if err := h.orgs.Decide(ctx, registrar, o.ID, false, "证书照片不清楚"); err != nil {
			t.Fatal(err)
		}
		if err := h.orgs.Amend(ctx, lead, o.ID, in.Profile); err != nil {
			t.Fatal(err)
		}
		if err := h.orgs.Decide(ctx, registrar, o.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		got, err := h.orgs.Get(ctx, party.Actor{}, o.ID)
		if err != nil || got.Code() != "91654026MA78WT2Q66" {
			t.Errorf("public view after approval: %+v, %v", got, err)
		}
		again := registration()
		again.Login, again.Password = "lisi", in.Password
		_, err = h.orgs.Register(ctx, again)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("the same code registered twice: %v", err)
		}
	})
}

func TestRegistrationComplaintsNameTheirFields(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := newHouse(t, d)
		in := registration()
		in.Login, in.Password, in.Profile.USCC = "李", "短", "91654026MA78WT2Q67"
		_, err := h.orgs.Register(t.Context(), in)
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		want := map[string]bool{"login": true, "password": true, "uscc": true}
		for _, x := range f.Fields {
			delete(want, x.Name)
		}
		if len(want) > 0 {
			t.Errorf("no complaint about %v in %+v", want, f.Fields)
		}
	})
}

func TestWrongPasswordsLockAPlaceAndNotALogin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		n := account.NewAccount{Login: "donor1", Password: "correct horse battery", Name: "捐赠人"}
		if _, err := h.accounts.Register(ctx, n); err != nil {
			t.Fatal(err)
		}
		thief, own := account.From{Address: "203.0.113.7"}, account.From{Address: "198.51.100.1"}
		for _, login := range []string{"donor1", "nobody1"} { // whether it exists must not show
			for range 5 {
				if _, _, err := h.accounts.SignIn(ctx, login, "wrong", thief); !fault.Is(err, fault.Invalid) {
					t.Fatalf("wrong password of %s: %v", login, err)
				}
			}
			if _, _, err := h.accounts.SignIn(ctx, login, n.Password, thief); !fault.Is(err, fault.TooMany) {
				t.Errorf("a sixth try at %s: %v", login, err)
			}
		}
		if _, _, err := h.accounts.SignIn(ctx, "donor1", n.Password, own); err != nil {
			t.Errorf("its owner, from elsewhere: %v", err)
		}
		h.clock.Advance(16 * time.Minute)
		token, _, err := h.accounts.SignIn(ctx, "donor1", n.Password, thief)
		if err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(3 * time.Hour)
		if _, err := h.accounts.Resolve(ctx, token); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("an idle session still stands: %v", err)
		}
	})
}

func TestManyPlacesSlowALoginAndSpareItsDevices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		n := account.NewAccount{Login: "holder1", Password: "correct horse battery", Name: "持钥人"}
		who, err := h.accounts.Register(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		cookie, err := h.accounts.Remember(ctx, who, "")
		if err != nil {
			t.Fatal(err)
		}
		next, err := h.accounts.Remember(ctx, who, cookie)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			from := account.From{Address: fmt.Sprintf("203.0.113.%d", i/4)}
			if _, _, err := h.accounts.SignIn(ctx, "holder1", "wrong", from); !fault.Is(err, fault.Invalid) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		stranger := account.From{Address: "192.0.2.1"}
		if _, _, err := h.accounts.SignIn(ctx, "holder1", "wrong", stranger); !fault.Is(err, fault.Invalid) {
			t.Errorf("the first of a pace: %v", err)
		}
		if _, _, err := h.accounts.SignIn(ctx, "holder1", n.Password, stranger); !fault.Is(err, fault.TooMany) {
			t.Errorf("within the pace: %v", err)
		}
		if _, _, err := h.accounts.SignIn(ctx, "holder1", n.Password, account.From{Address: "192.0.2.1", Device: cookie}); !fault.Is(err, fault.TooMany) {
			t.Errorf("a device cookie that was replaced: %v", err)
		}
		if _, _, err := h.accounts.SignIn(ctx, "holder1", n.Password, account.From{Address: "203.0.113.1", Device: next}); err != nil {
			t.Errorf("a known device: %v", err)
		}
		h.clock.Advance(3 * time.Second)
		if _, _, err := h.accounts.SignIn(ctx, "holder1", n.Password, stranger); err != nil {
			t.Errorf("a pace later: %v", err)
		}
	})
}

func TestADonorEnterpriseIsNotInTheDirectory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		in := registration()
		in.Password, in.Kind = "一句好记的话不短啊啊", party.Enterprise
		o, err := h.orgs.Register(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.orgs.Get(ctx, party.Actor{}, o.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a visitor opens a donor's page: %v", err)
		}
		list, err := h.orgs.List(ctx, party.Actor{}, organisation.Filter{Kind: party.Enterprise})
		if err != nil || len(list) != 0 {
			t.Errorf("a visitor lists donors: %v, %v", list, err)
		}
		_, own, err := h.accounts.SignIn(ctx, "zhangsan", in.Password, account.From{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.orgs.Get(ctx, own, o.ID); err != nil {
			t.Errorf("its own people do not see it: %v", err)
		}
	})
}
