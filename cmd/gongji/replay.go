package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"gongji/app/delivery/performance"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
)

// replays are what can be computed again, by the word it is asked for with.
var replays = map[string]func([]byte) (differ []string, says string, err error){
	"draw": replayDraw, "evaluation": replayEvaluation, "performance": replayPerformance,
}

// replay computes a published draw, evaluation of bids or performance again from its own inputs,
// without a server, and says where the file differs.
func replay(_ context.Context, args []string, out io.Writer) error {
	if len(args) != 2 || replays[args[0]] == nil {
		if len(args) > 0 && (args[0] == "-h" || args[0] == "--help") {
			return flag.ErrHelp
		}
		return errUsage
	}
	data, err := os.ReadFile(args[1])
	if err != nil {
		return fmt.Errorf("读不到文件 %s", args[1])
	}
	differ, says, err := replays[args[0]](data)
	if err != nil {
		return err
	}
	for _, d := range differ {
		if _, err := fmt.Fprintln(out, "不一致："+d); err != nil {
			return err
		}
	}
	if len(differ) > 0 {
		return fmt.Errorf("有 %d 处与重算的结果不一致", len(differ))
	}
	_, err = fmt.Fprintln(out, says)
	return err
}

// replayDraw takes one draw or the list of a tender's, which the API publishes.
func replayDraw(data []byte) ([]string, string, error) {
	list, err := draw.ReadAll(data)
	if err != nil {
		return nil, "", err
	}
	var differ, says []string
	for i, f := range list {
		at := ""
		if len(list) > 1 {
			at = fmt.Sprintf("第 %d 份记录：", i+1)
		}
		for _, d := range f.Replay() {
			differ = append(differ, at+d)
		}
		says = append(says, at+drawSays(f))
	}
	return differ, strings.Join(says, "\n"), nil
}

func drawSays(f draw.File) string {
	says := fmt.Sprintf("一致：名单 %d 个，回避 %d 个，校验值 %s", len(f.Pool), len(f.Recusals), f.Commitment)
	if f.DrawnAt == nil {
		return says + "\n还没有抽取"
	}
	return says + fmt.Sprintf("\n抽中：%d 个，由种子 %s 重算得到同样的结果；已揭示 %d 个", len(f.Seated), f.Seed, len(f.Openings))
}

func replayEvaluation(data []byte) ([]string, string, error) {
	p, err := evaluation.ReadPublication(data)
	if err != nil {
		return nil, "", err
	}
	says := fmt.Sprintf("一致：%s，%d 份投标，%d 名评委，重算得到同样的评分和排序", p.Number, len(p.Bids), p.Experts)
	names := map[string]string{}
	for _, b := range p.Bidders {
		names[string(b.Bid)] = b.Name
	}
	for _, l := range p.Lines {
		if l.Rank > 0 {
			says += fmt.Sprintf("\n第 %d 名　%s　%d.%02d 分", l.Rank, names[string(l.Bid)], l.Total/100, l.Total%100)
		}
	}
	return p.Replay(), says, nil
}

func replayPerformance(data []byte) ([]string, string, error) {
	p, err := performance.ReadPublication(data)
	if err != nil {
		return nil, "", err
	}
	says := fmt.Sprintf("一致：%s，%s，%d 项指标，重算得到同样的得分 %s 分，等级“%s”", p.Number, p.Title, len(p.Lines), performance.Points(p.Total), p.Grade)
	if p.Out > 0 {
		says += fmt.Sprintf("\n样本不足不计分的分值 %s 分，已按比例分摊到其余指标", performance.Points(p.Out))
	}
	for _, a := range p.Pillars {
		says += fmt.Sprintf("\n%s　%s / %s 分", a.Name, performance.Points(a.Points), performance.Points(a.Weight))
	}
	return p.Replay(), says, nil
}
