package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"gongji/app"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
)

// Password signs in every demo account; a demonstration keeps nothing secret.
const Password = "gongji-demo-2026"

// cast is who appears in the demonstration. Organisations that the real
// records name keep their names; the others are marked 演示.
var cast = []struct {
	kind   party.OrgKind
	name   string
	region string
	uscc   string
	people []party.Role
	prefix string // of the logins
}{
	{party.Platform, "共济平台（演示）", "", "", []party.Role{party.Admin, party.Auditor}, "platform"},
	{party.Bureau, "武汉市民政局", "湖北省武汉市", "", []party.Role{party.Approver, party.Officer, party.Finance, party.Supervisor, party.Registrar}, "bureau"},
	{party.Foundation, "横沥社区发展基金会", "广东省东莞市横沥镇", "", []party.Role{party.Approver, party.Officer, party.Finance, party.Reviewer, party.Storekeeper}, "foundation"},
	{party.Social, "晨光社会工作服务中心（演示）", "湖北省武汉市", "", []party.Role{party.Lead, party.Staff}, "social1"},
	{party.Social, "暖邻为老服务中心（演示）", "湖北省武汉市", "", []party.Role{party.Lead}, "social2"},
	{party.Social, "同行社区服务中心（演示）", "湖北省武汉市", "", []party.Role{party.Lead}, "social3"},
	{party.Community, "横沥镇社区（演示）", "广东省东莞市横沥镇", "", []party.Role{party.Lead}, "community"},
	{party.Evaluator, "楚评第三方评价中心（演示）", "湖北省武汉市", "", []party.Role{party.Lead}, "evaluator"},
	{party.Enterprise, "江城实业有限公司（演示）", "湖北省武汉市", "", []party.Role{party.Lead}, "enterprise"},
}

// Load fills an empty database with the demonstration and returns its
// accounts; on one that has it already it only reads them.
func Load(ctx context.Context, a *app.App, data string) ([]Account, error) {
	if known, err := Accounts(data); err == nil {
		return known, nil
	}
	l := loader{App: a}
	for _, c := range cast {
		if err := l.found(ctx, c.kind, c.name, c.region, c.prefix, c.people); err != nil {
			return nil, fmt.Errorf("演示单位 %s: %w", c.name, err)
		}
	}
	if err := l.person(ctx, "donor", "演示捐赠人"); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(l.accounts, "", "  ")
	if err != nil {
		return nil, err
	}
	return l.accounts, os.WriteFile(filepath.Join(data, accountsFile), b, 0o600)
}

type loader struct {
	*app.App
	accounts []Account
	actors   map[string]party.Actor // by login
}

func (l *loader) found(ctx context.Context, kind party.OrgKind, name, region, prefix string, roles []party.Role) error {
	var org organisation.Organisation
	for i, role := range roles {
		n := account.NewAccount{Login: prefix + "." + string(role), Password: Password, Name: "演示" + string(role)}
		var err error
		if i == 0 {
			org, _, err = l.Organisations.Establish(ctx, organisation.System, organisation.Founding{Kind: kind, Demo: true, Person: n, Role: role,
				Profile: organisation.Profile{Name: name, Region: region}})
		} else {
			err = l.Organisations.AddMember(ctx, organisation.System, org.ID, n, role)
		}
		if err != nil {
			return err
		}
		if err := l.enter(ctx, n.Login, string(kind), name, string(role)); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) person(ctx context.Context, login, name string) error {
	if _, err := l.Accounts.Register(ctx, account.NewAccount{Login: login, Password: Password, Name: name}); err != nil {
		return err
	}
	return l.enter(ctx, login, "person", "", "donor")
}

// enter signs an account in once to learn its actor and gives it a token.
func (l *loader) enter(ctx context.Context, login, kind, org, role string) error {
	_, who, err := l.Accounts.SignIn(ctx, login, Password, "demo")
	if err != nil {
		return err
	}
	if err := l.Accounts.SignOut(ctx, who, who.Session); err != nil {
		return err
	}
	seats, err := l.Accounts.Seats(ctx, who.Account)
	if err != nil {
		return err
	}
	var seat *id.ID
	if len(seats) > 0 {
		seat = &seats[0].Membership
	}
	token, err := l.Accounts.IssueToken(ctx, who.Account, seat, "演示")
	if err != nil {
		return err
	}
	if l.actors == nil {
		l.actors = map[string]party.Actor{}
	}
	l.actors[login] = who
	l.accounts = append(l.accounts, Account{Kind: kind, Organisation: org, Role: role, Login: login, Password: Password, Token: token})
	return nil
}
