package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"gongji/app"
	"gongji/app/demo"
)

// flags reads the flags every command with a database shares; what is not set
// there comes from the environment.
func flags(name string, args []string, more func(*flag.FlagSet)) (app.Config, *flag.FlagSet, error) {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	addr, data := fs.String("addr", "", "监听地址，例如 127.0.0.1:8080"), fs.String("data", "", "数据文件夹")
	if more != nil {
		more(fs)
	}
	if err := fs.Parse(args); err != nil {
		return app.Config{}, fs, err
	}
	c, err := app.Environment(func(key string) string {
		switch {
		case key == "GONGJI_ADDR" && *addr != "":
			return *addr
		case key == "GONGJI_DATA" && *data != "":
			return *data
		}
		return os.Getenv(key)
	})
	return c, fs, err
}

func serve(ctx context.Context, args []string, out io.Writer) error {
	var demonstrate *bool
	c, fs, err := flags("serve", args, func(fs *flag.FlagSet) {
		demonstrate = fs.Bool("demo", false, "载入演示数据，并允许访客拨快演示时钟")
	})
	if err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return errUsage
	}
	c.Demo = *demonstrate
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("无法监听 %s（端口可能已被占用）: %w", c.Addr, err)
	}
	// Port 0 asks for any free port; everything printed names the one it got.
	if c.PublicURL == "http://"+c.Addr {
		c.PublicURL = "http://" + ln.Addr().String()
	}
	a, err := open(ctx, c, out)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	fmt.Fprintf(out, "共济已就绪：%s\n", c.PublicURL)
	return a.Run(ctx, ln)
}

// assemble connects and puts the product together; close its DB.
func assemble(ctx context.Context, c app.Config, log *slog.Logger) (*app.App, error) {
	parts, err := app.Connect(ctx, c, log)
	if err != nil {
		return nil, err
	}
	a, err := app.New(c, parts)
	if err != nil {
		return nil, errors.Join(err, parts.DB.Close())
	}
	return a, nil
}

// open connects and puts the product together, with the demonstration in it
// if that was asked for.
func open(ctx context.Context, c app.Config, out io.Writer) (*app.App, error) {
	if c.Demo {
		if err := demo.Clear(c); err != nil {
			return nil, err
		}
	}
	a, err := assemble(ctx, c, slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	if err != nil {
		return nil, err
	}
	if c.Demo {
		fmt.Fprintln(out, "正在准备演示数据…")
		accounts, err := demo.Load(ctx, a, c)
		if err != nil {
			return nil, errors.Join(err, a.DB.Close())
		}
		demo.Print(out, accounts)
	}
	return a, nil
}

func migrate(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "up" {
		return errUsage
	}
	c, _, err := flags("migrate", args[1:], nil)
	if err != nil {
		return err
	}
	parts, err := app.Connect(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "数据库已是当前版本")
	return parts.DB.Close()
}
