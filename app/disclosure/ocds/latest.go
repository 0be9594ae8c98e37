package ocds

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// tagNames are the tags as people read them.
var tagNames = map[Tag]string{
	PlanningTag: "采购意向", PlanningUpdate: "采购意向更新", TenderTag: "采购公告", TenderAmendment: "更正、澄清或修改", TenderUpdate: "采购进展",
	TenderCancellation: "取消采购", AwardTag: "结果公告", AwardUpdate: "结果更新", AwardCancellation: "结果撤销", ContractTag: "合同公告",
	ContractUpdate: "合同更新", ContractAmendment: "合同变更", ImplementationTag: "履约", ImplementationUpdate: "履约更新", ContractTermination: "合同终止",
}

// Name is the tag in Chinese.
func (t Tag) Name() string { return tagNames[t] }

// Entry is one release in a list for people.
type Entry struct {
	ID      id.ID
	Process id.ID
	OCID    string
	Tag     Tag // the first
	Title   string
	Date    time.Time
}

// Latest lists the last releases, the newest first.
func (p *Publisher) Latest(ctx context.Context, limit int) ([]Entry, error) {
	var rows []row
	if err := p.db.NewSelect().Model(&rows).Order("era DESC", "txid DESC", "seq DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := make([]Entry, 0, len(rows))
	for _, x := range rows {
		it := Entry{ID: x.ID, Process: x.Process, OCID: p.OCID(x.Process), Date: x.Date}
		var tags []Tag
		if err := json.Unmarshal([]byte(x.Tag), &tags); err != nil {
			return nil, err
		}
		it.Tag = tags[0]
		var err error
		if it.Title, err = p.title(ctx, x.Process); err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, nil
}

// title is what the last release of a purchase that had a title called it.
func (p *Publisher) title(ctx context.Context, process id.ID) (string, error) {
	var bodies []string
	err := p.db.NewSelect().Model((*row)(nil)).Column("body").Where("process = ?", process).Order("seq DESC").Scan(ctx, &bodies)
	if err != nil {
		return "", db.Translate(err)
	}
	for _, b := range bodies {
		var r struct {
			Tender   struct{ Title string }
			Planning struct{ Budget struct{ Project string } }
		}
		if err := json.Unmarshal([]byte(b), &r); err != nil {
			return "", err
		}
		if title := cmp.Or(r.Tender.Title, r.Planning.Budget.Project); title != "" {
			return title, nil
		}
	}
	return "", nil
}
