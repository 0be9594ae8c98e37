package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
)

// bootstrap makes the first platform administrator on a new instance and
// prints a password once. It refuses where there is one.
func bootstrap(ctx context.Context, args []string, out io.Writer) error {
	var login, name *string
	c, fs, err := flags("bootstrap", args, func(fs *flag.FlagSet) {
		login = fs.String("login", "admin", "登录名")
		name = fs.String("name", "平台管理员", "姓名")
	})
	if err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return errUsage
	}
	a, err := assemble(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = a.DB.Close() }()
	n, err := a.Organisations.Count(ctx, organisation.System, organisation.Filter{Kind: party.Platform})
	if err != nil {
		return err
	}
	if n > 0 {
		return errors.New("平台管理员已经存在；忘记密码请由另一位管理员处理")
	}
	password := id.Code(20)
	_, _, err = a.Organisations.Establish(ctx, organisation.System, organisation.Founding{Kind: party.Platform,
		Profile: organisation.Profile{Name: "共济平台"}, Role: party.Admin,
		Person: account.NewAccount{Login: *login, Name: *name, Password: password}})
	if err != nil {
		return reason(err)
	}
	fmt.Fprintf(out, "登录名 %s\n密码   %s\n请登录后立即修改密码；它不会再次显示。\n", *login, password)
	return nil
}
