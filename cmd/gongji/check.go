package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"gongji/app"
	"gongji/app/check"
)

// checkCommand runs what runs every night, and fails where something is wrong.
func checkCommand(ctx context.Context, args []string, out io.Writer) error {
	var asJSON *bool
	c, fs, err := flags("check", args, func(fs *flag.FlagSet) { asJSON = fs.Bool("json", false, "输出 JSON") })
	if err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return errUsage
	}
	if err := app.Existing(ctx, c); err != nil {
		return err
	}
	a, err := assemble(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = a.DB.Close() }()
	r, err := a.Check.Everything(ctx)
	if err != nil {
		return reason(err)
	}
	if *asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		err = e.Encode(r)
	} else {
		err = printed(out, r)
	}
	if err == nil && !r.Sound {
		err = errors.New("核验发现不符，见上面的清单")
	}
	return err
}

func printed(out io.Writer, r check.Run) error {
	for _, p := range r.Parts {
		mark := "通过"
		if len(p.Problems) > 0 {
			mark = "不符"
		}
		if _, err := fmt.Fprintf(out, "%s  %s\n", mark, p.Name); err != nil {
			return err
		}
		for _, x := range p.Problems {
			if _, err := fmt.Fprintf(out, "      - %s\n", x); err != nil {
				return err
			}
		}
	}
	return nil
}
