package simulate

import "strings"

// Marks of a text that the hazards know, and those they must not know.
const (
	markInVain   = 1 << iota // says that asking before was in vain
	markHigher               // says that the next step is a higher office
	markHarm                 // threatens harm to self or others; for the safety channel
	markNumbers              // contains a phone number, now and then an ID number
	markReview               // asks for 复查
	markReReview             // asks for 复核
	markThanks
	markAsks // inquiry or suggestion: no grievance
)

// composer writes what people say. Not safe for concurrent use.
type composer struct {
	district *District
	stamps   *stamps
	seed     uint64
	dirty    int // broken records in a thousand
	name     []byte
}

// text appends what a contact says: always the same for the same record.
func (c *composer) text(dst []byte, rec *record) []byte {
	r := rng(rec.voice)
	cat := &c.district.Categories[rec.category]
	c.name = c.district.subject(c.name[:0], cat.about, rec.subject)
	dst = append(dst, one(&r, openings(rec.channel))...)
	if rec.marks&(markReview|markReReview) != 0 {
		dst = c.review(dst, rec, &r)
	}
	dst = c.fill(dst, rec, one(&r, cat.says))
	if rec.marks&(markAsks|markThanks) == 0 {
		dst = append(dst, one(&r, details())...)
	}
	if rec.people > 1 {
		dst = append(dst, "。我们"...)
		dst = appendPadded(dst, uint64(rec.people), 1)
		dst = append(dst, one(&r, []string{"户共同签名反映", "人联名", "名住户一起来反映", "个人都有同样遭遇"})...)
	}
	if rec.marks&markInVain != 0 {
		dst = append(append(dst, "。"...), one(&r, inVain())...)
	}
	if rec.marks&markHarm != 0 {
		dst = append(append(dst, "。"...), one(&r, harm())...)
	}
	if rec.marks&markHigher != 0 {
		dst = append(append(dst, "。"...), one(&r, higher())...)
	}
	if rec.marks&markThanks == 0 {
		dst = append(append(dst, "。"...), one(&r, wishes())...)
	}
	if rec.marks&markNumbers != 0 && rec.person != 0 {
		dst = c.numbers(dst, rec, &r)
	}
	return append(dst, "。"...)
}

// fill puts subject and place into a sentence.
func (c *composer) fill(dst []byte, rec *record, sentence string) []byte {
	for {
		i := strings.IndexByte(sentence, '{')
		if i < 0 {
			return append(dst, sentence...)
		}
		dst = append(dst, sentence[:i]...)
		switch {
		case sentence[i+1] == 'p':
			dst = append(dst, c.district.Villages[rec.place].Name...)
		case len(c.name) > 0:
			dst = append(dst, c.name...)
		default:
			dst = append(append(dst, c.district.Villages[rec.place].Name...), "附近"...)
		}
		sentence = sentence[i+3:]
	}
}

func (c *composer) review(dst []byte, rec *record, r *rng) []byte {
	if rec.marks&markReReview != 0 {
		return append(dst, one(r, []string{"对复查意见不服，申请复核：", "不服区级复查结论，现依法请求复核。原事项："})...)
	}
	return append(dst, one(r, []string{"对答复意见不服，申请复查：", "不认可处理意见，依法请求复查。原事项："})...)
}

// numbers adds what must be masked at the door.
func (c *composer) numbers(dst []byte, rec *record, r *rng) []byte {
	dst = append(dst, one(r, []string{"，联系电话", "。我的手机是", "，请打", "。电话："})...)
	dst = spellPhone(dst, rec.person, r)
	if r.chance(0.12) {
		dst = append(dst, one(r, []string{"，身份证号", "，身份证"})...)
		dst = spellID(dst, rec.person, r)
	}
	return dst
}

func openings(channel uint8) []string {
	switch channel {
	case hotline:
		return []string{"来电人反映：", "市民来电，", "", "市民反映，", "来电称"}
	case letter:
		return []string{"尊敬的领导：\n  您好！", "区信访局：\n", "各位领导，", ""}
	case visit:
		return []string{"来访人反映", "当面反映：", "来访称"}
	case mailbox:
		return []string{"书记您好，", "区长您好：", "尊敬的书记，", ""}
	}
	return []string{"", "你好，", "求助：", "请问有人管吗？", "\"投诉\" "}
}

func details() []string {
	return []string{"，已经持续半个月", "，从上个月开始就这样", "，影响几十户居民", "，家里老人受不了", "，有照片和录音为证",
		"，找过对方多次没有结果", "，合同和收据都在", "，涉及金额一万八千元", "，每天如此", "，孩子因此生病", "",
		"，问题从去年春天就有", "，共计36,500元", "，对方说\"爱上哪告上哪告\""}
}

func inVain() []string {
	return []string{"此前已多次反映，至今没有答复", "打过好几次热线都没人处理", "之前反映过，部门之间互相推诿",
		"这已经是第三次反映了，每次都说在处理", "上次答复说解决了，实际根本没动", "反映后一直石沉大海"}
}

func higher() []string {
	return []string{"再不解决就去市里反映", "如果还没有结果，只能到省里上访", "不处理我们就去市政府讨说法",
		"实在不行只有去北京反映", "下一步将向上级信访部门反映"}
}

func harm() []string {
	return []string{"再没人管我就从楼上跳下去", "活不下去了，不想活了", "逼急了就跟他们同归于尽", "要是不给钱我就死在他们门口"}
}

func wishes() []string {
	return []string{"希望尽快处理", "请相关部门核实并答复", "要求依法查处", "望领导重视", "盼复", "请给个说法", "请帮忙协调解决"}
}
