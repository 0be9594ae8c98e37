package demo

import (
	"context"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
)

// What is held against a purchase, and what changes in a contract.

const contact = "（演示数据）联系人：演示负责人，电话和地址略"

// finance is who decides a 投诉.
const finance = "江滨区财政局（演示）"

func point(matter, request, facts, basis string) challenge.Point {
	return challenge.Point{Matter: "（演示数据）" + matter, Request: request, Facts: facts, Basis: basis}
}

// raise has a supplier ask or challenge, and gives the case it becomes.
func (w *walk) raise(days int, org string, kind challenge.Kind, stage challenge.Stage, p challenge.Point) *id.ID {
	x := new(id.ID)
	w.at(w.on(days, 10, 0), "提出"+kind.Name(), func(ctx context.Context) error {
		who := w.as(supplierLogin(org), org)
		if stage == challenge.Documents { // whoever challenges the documents has them
			if _, err := w.Bids.Begin(ctx, who, w.tender); err != nil {
				return err
			}
		}
		c, err := w.Challenges.Raise(ctx, who, w.tender, challenge.Input{Kind: kind, Stage: stage, Points: []challenge.Point{p}, Contact: contact})
		*x = c.ID
		return err
	})
	return x
}

// answer gives the buyer's answer to a case, the approver's part included.
func (w *walk) answer(days int, x *id.ID, r challenge.Reply) {
	w.at(w.on(days, 15, 0), "答复", func(ctx context.Context) error {
		c, err := w.Challenges.Answer(ctx, w.by(w.officer), *x, r)
		if err == nil && c.Kind == challenge.Challenge {
			_, err = w.Challenges.Approve(ctx, w.by(w.approver), *x)
		}
		return err
	})
}

// queried are two questions of one supplier to the buyer alone.
func queried(w *walk) {
	x := w.raise(-8, together, challenge.Query, challenge.Documents, point("服务点是否可以设在学校？", "", "", ""))
	w.answer(-7, x, challenge.Reply{Answer: "（演示数据）可以，须有学校的书面同意。"})
	w.raise(-1, together, challenge.Query, challenge.Process, point("投标文件提交后能否更换项目负责人？", "", "", ""))
}

// challengedInProcess is a 质疑 that waits for its answer.
func challengedInProcess(w *walk) {
	w.raise(-5, together, challenge.Challenge, challenge.Process, point("开标时唱出的一家报价与其投标文件所写不一致，未见澄清", "核对开标记录并书面说明",
		"开标记录第 2 行；本单位代表当场记录", "政府采购货物和服务招标投标管理办法第59条"))
}

// disputed is a losing bidder who does not accept the answer to its 质疑 and
// complains; the finance authority stops the purchase meanwhile.
func disputed(w *walk) {
	x := w.raise(-22, neighbour, challenge.Challenge, challenge.Result, point("中标供应商的项目负责人同期在另一项目任职，不符合实质性要求", "撤销中标结果，依法另行确定",
		"另一项目的公开合同摘要", "财政部令第87号第63条"))
	w.answer(-17, x, challenge.Reply{Outcome: challenge.Dismissed, Answer: "（演示数据）经评审小组协助核查，中标供应商的项目负责人已于投标前办理交接，符合采购文件的要求。",
		Grounds: "（演示数据）交接文件、社会保险缴纳记录；财政部令第94号第15条"})
	var complaint id.ID
	w.at(w.on(-12, 10, 0), "提起投诉", func(ctx context.Context) error {
		c, err := w.Challenges.Complain(ctx, w.as(supplierLogin(neighbour), neighbour), *x, challenge.ComplaintInput{Contact: contact, Authority: finance,
			Points: []challenge.Point{{From: 1, Matter: "（演示数据）交接文件的日期晚于投标截止时间", Request: "撤销中标结果", Facts: "质疑答复所附的交接文件", Basis: "政府采购法第55条"}}})
		complaint = c.ID
		return err
	})
	supervised := func(days int, what string, do func(ctx context.Context) (challenge.Case, error)) {
		w.at(w.on(days, 11, 0), what, func(ctx context.Context) error {
			_, err := do(ctx)
			return err
		})
	}
	supervised(-8, "受理投诉", func(ctx context.Context) (challenge.Case, error) {
		return w.Challenges.Review(ctx, w.by(supervisor), complaint, challenge.Review{Decision: "accept", Letter: "江财采诉〔演示〕第 3 号", SuspendDays: 30})
	})
	supervised(-7, "投诉书副本送达", func(ctx context.Context) (challenge.Case, error) {
		return w.Challenges.Copied(ctx, w.by(supervisor), complaint)
	})
}

// change proposes a change of the contract and, with approve, makes it.
func (w *walk) change(days int, in contract.AmendInput, approve bool) {
	var x id.ID
	w.at(w.on(days, 10, 0), "提出合同变更", func(ctx context.Context) error {
		c, err := w.Contracts.Of(ctx, w.tender)
		if err == nil {
			_, err = w.Contracts.Amend(ctx, w.by(w.officer), c.ID, in)
		}
		x = c.ID
		return err
	})
	if !approve {
		return
	}
	w.at(w.on(days, 16, 0), "批准合同变更", func(ctx context.Context) error {
		_, err := w.Contracts.DecideAmendment(ctx, w.by(w.approver), x, true, "")
		return err
	})
}

// extended is a contract that was added to once; a second change waits.
func extended(w *walk) {
	w.change(-40, contract.AmendInput{Change: "（演示数据）增加服务对象 20 人，其他内容不变", Reason: "新增登记的失能老人需要上门服务", Added: 72_000 * money.Yuan}, true)
	w.change(-1, contract.AmendInput{Change: "（演示数据）冬季每月增加一次上门探访", Reason: "寒潮预警期间独居老人需要加密探访", Added: 12_000 * money.Yuan}, false)
}

// enlarged is an emergency's contract: in principle up to 30% may be added.
func enlarged(w *walk) {
	w.change(-6, contract.AmendInput{Change: "（演示数据）增加一处安置点的陪护", Reason: "第四处安置点启用", Added: 34_500 * money.Yuan}, true)
}

// objected is an objection to buying from one supplier.
func objected(w *walk) {
	w.at(w.on(-1, 11, 0), "提出异议", func(ctx context.Context) error {
		_, err := w.Objections.Raise(ctx, w.as(supplierLogin(together), together), w.tender,
			"（演示数据）寻亲档案采用通用格式，其他机构也能维护，建议公开招标。")
		return err
	})
}
