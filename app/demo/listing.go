package demo

import (
	"context"
	"strings"

	"gongji/app/kernel/id"
	"gongji/app/party/standing"
)

// listings puts one made-up organisation on a credit list, and tells it of a
// second: no real organisation is listed for what nobody found.
func (s *script) listings() {
	var ban id.ID
	told := func(kind, months, why string) func(context.Context) (standing.Listing, error) {
		return func(ctx context.Context) (standing.Listing, error) {
			return s.Standing.Notify(ctx, s.as("bureau.supervisor", bureau), standing.Intent{Kind: kind, Months: months,
				Organisation: string(s.orgs[faraway]), Reason: why})
		}
	}
	s.at(s.on(-70, 9, 30), "告知拟禁止参加政府采购", func(ctx context.Context) error {
		l, err := told("ban", "24", "（演示数据）在居家养老服务采购中提交虚假的业绩合同，经向合同相对方核实，三份合同均不存在。")(ctx)
		ban = l.ID
		return err
	})
	s.at(s.on(-67, 15, 0), "陈述申辩", func(ctx context.Context) error {
		_, err := s.Standing.State(ctx, s.as("social5.lead", faraway), ban, "（演示数据）业绩材料由外聘人员整理，本单位没有核对，愿意整改，请从轻处理。")
		return err
	})
	s.at(s.on(-60, 10, 0), "决定列入名单", func(ctx context.Context) error {
		_, err := s.Standing.Decide(ctx, s.as("bureau.approver", bureau), ban, standing.Ruling{List: true,
			Answer: "（演示数据）事实清楚、证据充分。材料是否由他人整理不影响本单位的责任，申辩不予采纳；考虑到配合调查，期限定为二十四个月。"})
		return err
	})
	s.at(s.on(-2, 11, 0), "告知拟列入活动异常名录", func(ctx context.Context) error {
		_, err := told("abnormal", "", "（演示数据）未按规定报送上一年度工作报告，经两次书面提醒仍未报送。")(ctx)
		return err
	})
	s.honours()
}

// honours puts ratings and a commendation on the record of the made-up
// organisations, with the proof the registrar asks for.
func (s *script) honours() {
	registrar := s.as("bureau.registrar", bureau)
	for i, x := range []struct {
		org, login string
		in         standing.RecognitionInput
	}{
		{dawn, "social1.lead", standing.RecognitionInput{Kind: standing.Rating, Level: "4A", Issuer: "江滨区民政局（演示）", Number: "演示评字〔2024〕12号", IssuedOn: "2024-03-15"}},
		{neighbour, "social2.lead", standing.RecognitionInput{Kind: standing.Rating, Level: "3A", Issuer: "江滨区民政局（演示）", Number: "演示评字〔2023〕7号", IssuedOn: "2023-05-20"}},
		{together, "social3.lead", standing.RecognitionInput{Kind: standing.Rating, Level: "3A", Issuer: "江滨区民政局（演示）", Number: "演示评字〔2020〕3号", IssuedOn: "2020-06-01"}},
		{dawn, "social1.lead", standing.RecognitionInput{Kind: standing.Commendation, Title: "全区优秀社会组织（演示）", Issuer: "江滨区民政局（演示）", Number: "演示表字〔2025〕2号", IssuedOn: "2025-12-28"}},
	} {
		var at id.ID
		s.at(s.on(-170, 9+i, 0), "申报"+x.in.Kind.Name(), func(ctx context.Context) error {
			got, err := s.Standing.Recognise(ctx, s.as(x.login, x.org), s.orgs[x.org], x.in)
			if err != nil {
				return err
			}
			at = got.ID
			_, err = s.Attachments.Add(ctx, s.as(x.login, x.org), standing.RecognitionKind, at, "", "公布文件（演示）.pdf", strings.NewReader(paper))
			return err
		})
		s.at(s.on(-169, 9+i, 0), "核实"+x.in.Kind.Name(), func(ctx context.Context) error {
			_, err := s.Standing.Check(ctx, registrar, at, true, "")
			return err
		})
	}
}
