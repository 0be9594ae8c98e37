package web

import (
	"errors"
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

func (w *Web) batchTrial(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	name, pdf, err := w.Batches.Trial(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(name, "application/pdf", pdf, true), nil
}

func (w *Web) batchTrialFace(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	line, _ := strconv.Atoi(r.Param("line")) // what is no number is no line
	name, pdf, err := w.Batches.TrialFace(r.Context(), r.Actor(), at, line)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(name, "application/pdf", pdf, true), nil
}

func (w *Web) batchZip(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	name, body, err := w.Batches.Zip(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(name, "application/zip", -1, body, false), nil
}

// onBatch does something to a batch and comes back to its page.
func (w *Web) onBatch(r *edge.Request, do func(at id.ID, p *batchPage, f *edge.Form) (string, error)) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var typed batchPage
	say, err := do(at, &typed, f)
	if err == nil {
		return edge.Redirect(batchHome+"/"+string(at)).Flash("ok", say), nil
	}
	p, perr := w.batchPage(r)
	if perr != nil {
		return edge.Response{}, perr
	}
	p.Reason = typed.Reason
	return again("receipt/batch", p, err)
}

func (w *Web) batchApprove(r *edge.Request) (edge.Response, error) {
	return w.onBatch(r, func(at id.ID, _ *batchPage, _ *edge.Form) (string, error) {
		_, err := w.Batches.Approve(r.Context(), r.Actor(), at)
		return "复核通过，已开始开具；可以离开这个页面", err
	})
}

func (w *Web) batchRecheck(r *edge.Request) (edge.Response, error) {
	return w.onBatch(r, func(at id.ID, _ *batchPage, _ *edge.Form) (string, error) {
		b, err := w.Batches.Recheck(r.Context(), r.Actor(), at)
		if b.State == receipt.BatchDone {
			return "已重新核对：搁置的仍不能开具，原因见明细", err
		}
		return "已重新核对：可开具 " + strconv.Itoa(b.Waiting) + " 张，请复核人复核", err
	})
}

func (w *Web) batchDrop(r *edge.Request) (edge.Response, error) {
	return w.onBatch(r, func(at id.ID, p *batchPage, f *edge.Form) (string, error) {
		p.Reason = f.Get("reason")
		_, err := w.Batches.Drop(r.Context(), r.Actor(), at, p.Reason)
		return "已放弃这一批", err
	})
}

func (w *Web) batchMail(r *edge.Request) (edge.Response, error) {
	return w.onBatch(r, func(at id.ID, _ *batchPage, f *edge.Form) (string, error) {
		return "已开始发送；可以离开这个页面", w.Batches.Deliver(r.Context(), r.Actor(), at, f.Get("again") != "")
	})
}

// receiptAddress says where a donor wants a receipt sent, from the donor's own
// page or the foundation's.
func (w *Web) receiptAddress(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	back := "/donations/" + string(of)
	if w.may(r, "foundation") && f.Get("desk") != "" {
		back = "/foundation" + back
	}
	err = w.Batches.SetAddress(r.Context(), r.Actor(), of, f.Get("email"))
	var bad *fault.Fault
	if errors.As(err, &bad) && bad.Kind == fault.Invalid {
		return edge.Redirect(back).Flash("danger", "没有保存："+complaint(bad)), nil
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(back).Flash("ok", "收据邮箱已保存"), nil
}

var batchHead = []string{"序号", "登记号", "捐赠人", "专项基金", "金额（元）", "到账日期", "结果", "收据编号", "原因和办法", "邮件"}

func (w *Web) batchExport(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f := rowFilter(r)
	f.After, f.Limit = 0, 1000
	labels := map[receipt.RowState]string{receipt.RowWaiting: "待开具", receipt.RowIssued: "已开具", receipt.RowAside: "搁置"}
	return exportOf("批量开具明细.csv", receipt.BatchMost, batchHead, func(id.ID) ([][]string, id.ID, error) {
		list, _, err := w.Batches.Rows(r.Context(), r.Actor(), at, f)
		var rows [][]string
		for _, x := range list {
			rows = append(rows, []string{strconv.Itoa(x.Line), x.Reference, x.DonorName, x.FundName, cellYuan(x.Amount), cellDay(x.ArrivedAt), labels[x.State], x.Number(), x.Why, x.Mail.Name()})
			f.After = x.Line
		}
		if len(list) < f.Limit {
			return rows, "", err
		}
		return rows, id.ID(strconv.Itoa(f.After)), err
	})
}
