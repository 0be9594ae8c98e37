package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"

	"gongji/app/demo"
)

func demoCommand(_ context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "accounts" {
		return errUsage
	}
	var asJSON *bool
	c, _, err := flags("demo accounts", args[1:], func(fs *flag.FlagSet) { asJSON = fs.Bool("json", false, "JSON 数组") })
	if err != nil {
		return err
	}
	accounts, err := demo.Accounts(c.Data)
	if err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(accounts)
	}
	demo.Print(out, accounts)
	return nil
}
