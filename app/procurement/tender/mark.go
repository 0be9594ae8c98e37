package tender

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
)

// Provenance says where a demonstration's tender comes from.
type Provenance struct {
	SourceURL string   // the real notice; "" where there is none
	Marks     []string // see Tender.Marks
	Note      string   // what the source says beyond the fields, for the timeline
}

// Mark notes that a tender belongs to the demonstration and which of it is
// 演示数据; only the platform itself does, when it loads a demonstration.
func (s *Service) Mark(ctx context.Context, who party.Actor, tender id.ID, p Provenance) (Tender, error) {
	return s.change(ctx, who, tender, "mark", func(ctx context.Context, tx bun.Tx, t *Tender, now time.Time) error {
		t.Demo, t.SourceURL, t.Marks = true, p.SourceURL, append([]string{}, p.Marks...)
		return record(ctx, tx, who, now, t.ID, "载入演示数据", p.Note, "", true)
	})
}

// labels are the fields that can be marked, as people read them.
var labels = map[string]string{
	"number": "项目编号", "title": "项目名称", "buyer": "采购单位", "catalogue_code": "品目", "what": "买什么", "from_whom": "向谁买",
	"for_whom": "为谁买", "method": "采购方式", "scoring": "评审方法", "budget": "预算", "ceiling": "最高限价", "ceiling_quantity": "预计数量",
	"region": "服务所在地", "term": "服务期限", "term_reason": "长期限的理由", "criteria": "评分表", "need": "需求调查、采购意向、实质性要求和合同条款", "documents_until": "文件提供截止",
	"deadline": "投标截止时间", "opening_place": "开标地点", "contact": "联系方式", "published_at": "发布时间", "bids": "投标与评审",
	"state": "进展",
}

// Marked reads the marks: which fields are 演示数据, as people call them, and
// the remarks beside them.
func (t Tender) Marked() (fields, remarks []string) {
	for _, m := range t.Marks {
		if name, ok := labels[m]; ok {
			fields = append(fields, name)
		} else if strings.TrimSpace(m) != "" {
			remarks = append(remarks, m)
		}
	}
	return fields, remarks
}

// IsMarked reports whether a field is 演示数据.
func (t Tender) IsMarked(field string) bool { return slices.Contains(t.Marks, field) }
