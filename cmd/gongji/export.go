package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"gongji/app"
	"gongji/app/disclosure/ocds"
)

// exportCommand writes what is published into a folder. It reads only, so it
// may run beside the server.
func exportCommand(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "360giving" {
		return exportGrants(ctx, args[1:], out)
	}
	if len(args) == 0 || args[0] != "ocds" {
		return errUsage
	}
	var dir *string
	c, fs, err := flags("export ocds", args[1:], func(fs *flag.FlagSet) {
		dir = fs.String("out", "", "导出到的文件夹")
	})
	if err != nil {
		return err
	}
	if fs.NArg() > 0 || *dir == "" {
		return errUsage
	}
	if err := app.Existing(ctx, c); err != nil {
		return err
	}
	p, err := app.Connect(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = p.DB.Close() }()
	pub := ocds.New(p.DB, p.Clock, ocds.Settings{Prefix: c.OCDSPrefix, Publisher: c.Publisher, Site: c.PublicURL})
	n, err := pub.Export(ctx, *dir)
	if err != nil {
		return reason(err)
	}
	fmt.Fprintf(out, "已导出 %d 条发布、%d 条记录，共 %d 个文件，在 %s\n", n.Releases, n.Records, n.Files, *dir)
	if !pub.Registered() {
		fmt.Fprintf(out, "ocid 前缀 %s 尚未登记；向 OCP 登记后设置 GONGJI_OCDS_PREFIX 再导出\n", pub.Prefix)
	}
	return nil
}

// exportGrants writes the public grants into one file of the 360Giving
// standard. Without any there is no file, and the exit status says so.
func exportGrants(ctx context.Context, args []string, out io.Writer) error {
	var file *string
	c, fs, err := flags("export 360giving", args, func(fs *flag.FlagSet) {
		file = fs.String("out", "", "导出到的文件")
	})
	if err != nil {
		return err
	}
	if fs.NArg() > 0 || *file == "" {
		return errUsage
	}
	if err := app.Existing(ctx, c); err != nil {
		return err
	}
	p, err := app.Connect(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = p.DB.Close() }()
	pub := app.OpenGrants(c, p)
	n, err := pub.Export(ctx, *file)
	if err != nil {
		return reason(err)
	}
	fmt.Fprintf(out, "已导出 %d 笔资助，在 %s\n", n, *file)
	if !pub.Registered() {
		fmt.Fprintf(out, "前缀 %s 尚未登记；向 360Giving 登记后设置 GONGJI_360GIVING_PREFIX 再导出\n", pub.Prefix)
	}
	return nil
}
