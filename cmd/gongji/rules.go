package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/uscc"
)

// rulesCommand answers with the product's own functions: what it prints is what the
// pages say.
func rulesCommand(_ context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "dates" {
		return dates(args[1:], out)
	}
	if len(args) != 2 {
		return errUsage
	}
	switch args[0] {
	case "uscc":
		code, err := uscc.Check(args[1])
		if err != nil {
			return reason(err)
		}
		fmt.Fprintln(out, code)
		return nil
	case "rmb":
		fen, err := money.Parse(args[1])
		if err != nil {
			return reason(err)
		}
		fmt.Fprintln(out, fen.Upper())
		return nil
	}
	return errUsage
}

// reason is a fault in one sentence.
func reason(err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err
	}
	if len(f.Fields) == 0 {
		return errors.New(f.Message)
	}
	var all []string
	for _, x := range f.Fields {
		all = append(all, x.Message)
	}
	return errors.New(strings.Join(all, "；"))
}
