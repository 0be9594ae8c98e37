// Command gongji is the whole product in one binary.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// command is one subcommand. Its run gets the arguments after its name.
type command struct {
	name, about string
	run         func(ctx context.Context, args []string, out io.Writer) error
}

var commands = []command{
	{"serve", "运行网站、接口和后台任务（--demo 载入演示）", serve},
	{"migrate", "migrate up：把数据库升级到当前版本", migrate},
	{"bootstrap", "bootstrap [--login L] [--name N]：建立第一位平台管理员", bootstrap},
	{"check", "check [--json]：核验账簿、收据、编号、物资和存储的原件，有问题时退出码为 1", checkCommand},
	{"demo", "demo accounts [--json] [--data DIR]：列出演示账号", demoCommand},
	{"export", "export ocds --out DIR | export 360giving --out FILE [--data DIR]：导出采购（OCDS 1.1）或资助（360Giving 1.4）的公开数据", exportCommand},
	{"replay", "replay draw|evaluation|performance FILE：重算公布的专家抽取、评审或绩效评价，指出不一致之处", replay},
	{"rules", "rules uscc 代码 | rules rmb 金额 | rules dates --method M --publish T [--documents-until T] [--calendar FILE] [--json]：核对信用代码、写大写金额、列出期限", rulesCommand},
	{"seal", "seal --form F --blank [--supplier 单位标识] | seal --form F --bid bid.json [--attach 附件…] [--key 公钥…] --out bid.sealed | seal --form 最后报价表单 --price 元 --out last.age | seal --open bid.sealed --identity 密钥文件 [--to 文件夹]：离线加密投标、打开本单位的副本", sealCommand},
	{"verify", "verify 文件… --key 公钥 [--json]：离线核对平台出具的 PDF 或 JSON", verify},
	{"key", "key new 名称 | key show [--data DIR]：生成签名密钥、显示公钥", keyCommand},
	{"scripts", "scripts：列出网页脚本的 SHA-256，可与浏览器收到的比对", scripts},
}

// errUsage asks for the usage text and exit status 2.
var errUsage = errors.New("usage")

func main() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) }

// Main runs one command line and returns its exit status: 0 done, 1 refused
// with the reason on one line, 2 not understood.
func Main(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(out)
		return 0
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(errOut, "gongji: 没有 %q 这个命令\n", args[0])
		usage(errOut)
		return 2
	}
	err := commands[i].run(ctx, args[1:], out)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(errOut, "用法：gongji %s\n", commands[i].about)
		return 2
	}
	fmt.Fprintln(errOut, "gongji: "+strings.ReplaceAll(err.Error(), "\n", "；"))
	return 1
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "共济 Gongji：政府购买服务、社区基金与捐赠的公开平台\n\n命令：")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.about)
	}
	fmt.Fprintln(w, "\n配置用环境变量 GONGJI_ADDR、GONGJI_DATA、GONGJI_DATABASE_URL、GONGJI_PUBLIC_URL、GONGJI_S3_…，见 README。")
}
