package simulate

import (
	"fmt"
	"math"
)

// The district does not exist: no province uses city 99, so no division code,
// and no ID number that begins with one, can belong to a real place or person.
const (
	cityName     = "江澜市"
	districtName = "晴川区"
	districtCode = "339901"
)

// Village is the smallest place that a complaint names.
type Village struct {
	Name     string // 青溪街道柳岸社区
	Code     string // 12 digits, GB/T 2260 and GB/T 10114
	Township int
}

// Unit answers complaints. Its quality is hidden: feeds show only what it does.
type Unit struct {
	Name     string
	Township bool
	quality  float64 // 0 (worst) to 1
}

// District is the stage: places, units and content classes. It is a function of
// the seed and is not changed by a run.
type District struct {
	Townships  []string
	Villages   []Village
	Units      []Unit // bureaus first, then one government for each township
	Categories []Category

	complaints  []float64 // cumulative weights of the classes that complaints fall into
	inquiry     []int     // indices of classes by purpose
	suggestion  []int
	thanks      []int
	accusation  []int
	complaintsN int
	villagesOf  []int // index of each township's first village, and their number at the end
}

// NewDistrict builds the district of this seed: 12 townships and subdistricts,
// about 240 villages and communities, 32 units.
func NewDistrict(seed uint64) *District {
	r := newRNG(seed, 1)
	d := &District{Categories: categories()}
	d.Townships = []string{"青溪街道", "长桥街道", "望湖街道", "北苑街道", "南浦街道", "新城街道",
		"石桥镇", "白鹭镇", "枫林镇", "云台镇", "双塘镇", "龙门乡"}
	d.addVillages(&r)
	for _, name := range bureauNames() {
		d.Units = append(d.Units, Unit{Name: districtName + name, quality: quality(&r)})
	}
	for _, name := range d.Townships {
		office := name + "人民政府"
		if name[len(name)-len("街道"):] == "街道" {
			office = name + "办事处"
		}
		d.Units = append(d.Units, Unit{Name: office, Township: true, quality: quality(&r)})
	}
	d.index()
	return d
}

// quality leans to the good side: most units do their work.
func quality(r *rng) float64 {
	return 1 - 0.95*math.Pow(r.float(), 1.4)
}

func (d *District) addVillages(r *rng) {
	first := []string{"柳岸", "桃源", "清河", "古井", "东升", "西园", "红星", "前进", "和平", "新华", "杨家", "李家",
		"梅林", "竹山", "水口", "大塘", "小桥", "金桥", "玉泉", "芳草", "文昌", "学府", "凤凰", "翠屏", "平安", "五一"}
	for t, township := range d.Townships {
		kind, start := "村", 200
		if township[len(township)-len("街道"):] == "街道" {
			kind, start = "社区", 1
		}
		code := 1 + t
		if kind == "村" {
			code = 100 + t
		}
		shift := r.below(len(first))
		d.villagesOf = append(d.villagesOf, len(d.Villages))
		for v := range 14 + r.below(len(first)-14) {
			d.Villages = append(d.Villages, Village{
				Name:     township + first[(shift+v)%len(first)] + kind,
				Code:     fmt.Sprintf("%s%03d%03d", districtCode, code, start+v),
				Township: t,
			})
		}
	}
	d.villagesOf = append(d.villagesOf, len(d.Villages))
}

// index sorts the classes by what they are for.
func (d *District) index() {
	sum := 0.0
	for i, c := range d.Categories {
		switch {
		case c.weight > 0:
			sum += c.weight
			d.complaintsN = i + 1
		case c.Name[1] == "政策咨询":
			d.inquiry = append(d.inquiry, i)
		case c.Name[1] == "意见建议":
			d.suggestion = append(d.suggestion, i)
		case c.Name[1] == "表扬感谢":
			d.thanks = append(d.thanks, i)
		default:
			d.accusation = append(d.accusation, i)
		}
		d.complaints = append(d.complaints, sum)
	}
	d.complaints = d.complaints[:d.complaintsN]
}

// unitFor is the unit that a matter of this class at this place is sent to first.
func (d *District) unitFor(category, village int) int {
	c := &d.Categories[category]
	if c.township {
		return bureauCount + d.Villages[village].Township
	}
	return c.bureau
}

// otherUnit is where it goes when the first sends it back.
func (d *District) otherUnit(category, village, unit int) int {
	township := bureauCount + d.Villages[village].Township
	if unit != township {
		return township
	}
	return d.Categories[category].bureau
}

// subject is the name of the n-th company, estate, ... of the district: another
// name for each n, the same for each call.
func (d *District) subject(dst []byte, k kind, n int64) []byte {
	if n < 0 {
		return dst
	}
	first := []string{"锦", "鸿", "嘉", "瑞", "恒", "盛", "华", "金", "天", "安", "宏", "荣", "福", "永", "兴", "悦",
		"佳", "明", "万", "中", "绿", "春", "阳", "云", "海", "山", "龙", "凤", "和", "信", "德", "泰"}
	second := []string{"绣", "达", "禾", "丰", "业", "源", "庭", "府", "润", "泽", "成", "通", "利", "隆", "晟", "辉",
		"韵", "景", "园", "苑", "城", "都", "江", "湖", "林", "川", "诚", "远", "博", "邦", "宇", "凯"}
	const size = 32 * 32 * 32 * 61 // names before a number has to tell them apart
	x := (uint64(n)*1_000_003 + 12_345) % size
	town := d.Townships[d.townshipOf(n)]
	switch k {
	case officer:
		dst = append(dst, town...)
		dst = append(dst, "工号"...)
		return appendPadded(dst, uint64(n), 6)
	case road:
		dst = append(dst, town...)
		dst = append(append(dst, first[x%32]...), second[x/32%32]...)
		dst = append(dst, "路"...)
		dst = appendPadded(dst, uint64(n/1024), 1)
		return append(dst, "号段"...)
	case site, estate:
		dst = append(dst, town...)
	default:
		dst = append(dst, cityName...)
	}
	dst = append(append(dst, first[x%32]...), second[x/32%32]...)
	dst = appendSuffix(append(dst, second[x/1024%32]...), k, x/32768)
	if n >= size {
		dst = appendPadded(append(dst, '-'), uint64(n/size), 1)
	}
	return dst
}

// appendSuffix says what kind of thing the name stands for; x tells apart what
// has the same name.
func appendSuffix(dst []byte, k kind, x uint64) []byte {
	list := [kinds][]string{
		company: {"科技有限公司", "建筑工程有限公司", "劳务有限公司", "服饰有限公司", "物流有限公司", "机械有限公司"},
		estate:  {"小区", "花园", "公寓", "家园", "名苑"},
		site:    {"地块项目", "二期工地", "商业综合体项目", "安置房项目"},
		shop:    {"餐饮店", "健身馆", "超市", "美容店", "教育培训中心"},
	}[k]
	n := uint64(len(list))
	dst = append(dst, list[x%n]...)
	if x >= n {
		dst = append(appendPadded(append(dst, "（"...), x/n+1, 1), "部）"...)
	}
	return dst
}

// nearest is a subject of this kind close to the n-th: of 32 in a row a fixed
// number are companies, estates, ..., near their share of the complaints.
func nearest(r *rng, n int64, k kind) int64 {
	slots := slotsOfKinds()[k]
	return n - n%32 + int64(slots[0]+r.below(slots[1]))
}

// slotsOfKinds says which of 32 subjects in a row are of each kind: first, number.
func slotsOfKinds() [kinds][2]int {
	return [kinds][2]int{company: {0, 8}, estate: {8, 8}, shop: {16, 5}, site: {21, 4}, road: {25, 3}, officer: {28, 4}}
}

// townshipOf says in which township the n-th subject lies.
func (d *District) townshipOf(n int64) int { return int(n % int64(len(d.Townships))) }

// home is the village in which the n-th subject lies.
func (d *District) home(n int64) int {
	r := newRNG(uint64(n), 7)
	t := d.townshipOf(n)
	return d.villagesOf[t] + r.below(d.villagesOf[t+1]-d.villagesOf[t])
}

// appendPadded appends n with at least this many digits.
func appendPadded(dst []byte, n uint64, digits int) []byte {
	var buf [20]byte
	i := len(buf)
	for n > 0 || digits > 0 {
		i--
		buf[i] = byte('0' + n%10)
		n /= 10
		digits--
	}
	return append(dst, buf[i:]...)
}
