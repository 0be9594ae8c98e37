package rules

import (
	"testing"
	"time"

	"gongji/app/kernel/calendar"
)

// Each period of the law, from Friday 2026-11-20 09:00, or from a day stated:
// the two units, the day not counted, the last day that moves.
func TestPeriodsOfTheLaw(t *testing.T) {
	friday := today
	for _, c := range []struct {
		name string
		id   string
		from time.Time
		want string
	}{
		{"87号令16 招标公告期限5个工作日", OpenNoticePeriod, friday, "不早于 2026年11月27日 24:00（财政部令第87号第16条，待核）"},
		{"87号令69 结果公告期限1个工作日", ResultNoticePeriod, friday, "不早于 2026年11月23日 24:00（财政部令第87号第69条）"},
		{"87号令38 撤回投标的保证金5个工作日内退还", BidBondReturnWithdrawn, friday, "不迟于 2026年11月27日 24:00（财政部令第87号第38条）"},
		{"条例33 未中标的保证金5个工作日内退还", BidBondReturnLoser, friday, "不迟于 2026年11月27日 24:00（政府采购法实施条例第33条）"},
		{"条例33 中标的保证金5个工作日内退还", BidBondReturnWinner, friday, "不迟于 2026年11月27日 24:00（政府采购法实施条例第33条）"},
		{"条例43 评审报告2个工作日内送交", AwardReport, friday, "不迟于 2026年11月24日 24:00（政府采购法实施条例第43条）"},
		{"条例43 采购人5个工作日内确定", AwardChoose, friday, "不迟于 2026年11月27日 24:00（政府采购法实施条例第43条）"},
		{"条例43 2个工作日内发出通知书并公告", AwardNotify, friday, "不迟于 2026年11月24日 24:00（政府采购法实施条例第43条）"},
		{"条例43 国庆假期不是工作日", AwardReport, day(2026, 9, 30, 16), "不迟于 2026年10月9日 24:00（政府采购法实施条例第43条）"},
		{"法46 30日内签订合同，末日是周日的顺延", ContractSign, friday, "不迟于 2026年12月21日 24:00（政府采购法第46条）"},
		{"法47 7个工作日内备案", ContractFile, friday, "不迟于 2026年12月1日 24:00（政府采购法第47条）"},
		{"条例50 2个工作日内公告合同", ContractPublish, friday, "不迟于 2026年11月24日 24:00（政府采购法实施条例第50条）"},
		{"法42 采购文件保存15年", FilesKeep, friday, "不早于 2041年11月20日 24:00（政府采购法第42条）"},
		{"条例52 3个工作日内答复询问", QueryAnswer, friday, "不迟于 2026年11月25日 24:00（政府采购法实施条例第52条）"},
		{"法52 7个工作日内提出质疑", ChallengeWindow, friday, "不迟于 2026年12月1日 24:00（政府采购法第52条）"},
		{"条例53 对采购文件的质疑自文件期限届满起算", ChallengeWindowDocuments, friday, "不迟于 2026年12月1日 24:00（政府采购法实施条例第53条，待核）"},
		{"法53 7个工作日内答复质疑", ChallengeAnswer, friday, "不迟于 2026年12月1日 24:00（政府采购法第53条）"},
		{"法55 15个工作日内投诉", ComplaintWindow, friday, "不迟于 2026年12月11日 24:00（政府采购法第55条）"},
		{"法56 30个工作日内处理投诉", ComplaintDecide, day(2026, 11, 2, 9), "不迟于 2026年12月14日 24:00（政府采购法第56条）"},
		{"法57 暂停不超过30日", ComplaintSuspension, friday, "不迟于 2026年12月21日 24:00（政府采购法第57条）"},
		{"94号令 5个工作日内审查投诉", ComplaintReview, friday, "不迟于 2026年11月27日 24:00（财政部令第94号）"},
		{"94号令 8个工作日内送达副本", ComplaintCopy, friday, "不迟于 2026年12月2日 24:00（财政部令第94号）"},
		{"10号 采购意向提前30日公开", IntentionBeforePurchase, friday, "不早于 2026年12月20日（财库〔2020〕10号）"},
		{"2号 说明异常低价不少于30分钟", AbnormalExplain, friday, "不早于 2026年11月20日 09:30（财库〔2026〕2号）"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := At(c.from).Clock(c.id, c.from, calendar.Default())
			if err != nil || m.Text() != c.want {
				t.Errorf("%s %v; want %s", m.Text(), err, c.want)
			}
		})
	}
}

// The limits of the law, as they stand beside what they limit.
func TestLimitsOfTheLaw(t *testing.T) {
	for _, c := range []struct{ name, method, rest, want string }{
		{"条例33 投标保证金不超过预算的2%", MethodOpen, "bid_bond", "不超过2%（政府采购法实施条例第33条）"},
		{"条例48 履约保证金不超过合同的10%", MethodOpen, "performance_bond", "不超过10%（政府采购法实施条例第48条）"},
		{"87号令47 评标委员会5人以上", MethodOpen, "panel_size", "不少于5人（财政部令第87号第47条）"},
		{"87号令47 预算1000万以上7人以上", MethodInvited, "panel_size_large", "不少于7人（财政部令第87号第47条）"},
		{"87号令47 专家三分之二以上", MethodOpen, "panel_experts", "不少于三分之二（财政部令第87号第47条）"},
		{"214号14 磋商小组3人以上", MethodConsultation, "panel_size", "不少于3人（财库〔2014〕214号第14条）"},
		{"214号14 专家三分之二以上", MethodConsultation, "panel_experts", "不少于三分之二（财库〔2014〕214号第14条）"},
		{"87号令41 投标人不足三家不得开标", MethodOpen, "min_bidders", "不少于3家（财政部令第87号第41条）"},
		{"法36 有效投标不足三家应当废标", MethodOpen, "min_conforming", "不少于3家（政府采购法第36条）"},
		{"条例21 资格预审不少于5个工作日", MethodOpen, "prequalification", "不少于5个工作日（政府采购法实施条例第21条）"},
		{"法49 追加采购不超过10%", MethodOpen, "contract.addition", "不超过10%（政府采购法第49条）"},
		{"12号 紧急采购追加原则上不超过30%", MethodEmergency, "contract.addition", "不超过30%（财库〔2026〕12号）"},
		{"19号 小微企业价格扣除10%至20%", MethodOpen, "small.deduction_max", "不超过20%（财库〔2022〕19号，待核）"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := At(today).For(c.method).Of(c.method, c.rest).Label(); got != c.want {
				t.Errorf("%s; want %s", got, c.want)
			}
		})
	}
}
