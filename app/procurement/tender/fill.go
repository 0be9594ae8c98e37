package tender

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/catalogue"
	"gongji/storage/db"
)

var (
	fillPlaces = []string{"青山区", "武侯区", "红花镇", "江宁街道", "龙华区", "五桥村", "东湖新村", "沙坡头区", "直溪镇", "海幢街道", "石盘街道", "观胜镇"}
	fillWho    = []string{"高龄老人", "留守儿童", "残疾人", "困境未成年人", "流动人口", "退役军人", "低保家庭", "社区居民"}
	fillWhat   = []string{"居家养老上门", "日间照料", "助餐配送", "心理疏导", "社工站运营", "社区治理", "关爱帮扶", "能力建设", "第三方评估", "应急救援培训", "志愿者管理", "托育照护"}
)

// Fill adds n made-up published tenders, for benchmarks: the text of their
// titles has the skew of real ones, and the same seed gives the same texts.
func Fill(ctx context.Context, d *bun.DB, buyer, drafter id.ID, n int, from time.Time) error {
	r := rand.New(rand.NewPCG(2026, 11))
	book := catalogue.At(from).CivilAffairs()
	const part = 20_000
	for start := 0; start < n; start += part {
		var rows []Tender
		var entries []search.Entry
		for i := start; i < min(start+part, n); i++ {
			t := made(r, book[r.IntN(len(book))], i, from.Add(time.Duration(i)*time.Second))
			t.Buyer, t.DraftedBy = buyer, drafter
			rows, entries = append(rows, t), append(entries, t.entry())
		}
		err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
			for some := range slices.Chunk(rows, 500) {
				if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
					return err
				}
			}
			return search.Load(ctx, tx, entries)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func made(r *rand.Rand, e catalogue.Entry, i int, at time.Time) Tender {
	place := fillPlaces[r.IntN(len(fillPlaces))]
	no := fmt.Sprintf("演示〔%d〕%06d号", at.Year(), i+1)
	budget := money.Fen(1+r.IntN(500)) * money.Wan
	deadline := at.AddDate(0, 0, 30)
	return Tender{ID: id.New(at), BuyerName: place + "民政局", Number: &no, State: Open, Version: 1, Demo: true, Marks: []string{"演示数据"},
		CreatedAt: at, UpdatedAt: at, PublishedAt: &at,
		Facts: Facts{
			Title:         place + fillWho[r.IntN(len(fillWho))] + fillWhat[min(r.IntN(12), r.IntN(12))] + "服务项目",
			CatalogueCode: e.Code, CatalogueName: e.Name, Region: "湖北省武汉市" + place, What: "演示数据", Method: rules.MethodOpen,
			Scoring: Comprehensive, Budget: &budget, Deadline: &deadline, Criteria: []Criterion{},
			Ceiling: Ceiling{Kind: TotalPrice, Amount: &budget},
		}}
}
