package privacy

import (
	"regexp"
	"strings"
	"testing"
)

// spellings writes one identity in ten ways; each must be hidden wherever it stands.
var spellings = map[string][]string{
	"mobile": {
		"13905711234", "139 0571 1234", "139-0571-1234", "139.0571.1234", "139·0571·1234",
		"１３９０５７１１２３４", "+8613905711234", "0086 139 0571 1234", "86-13905711234", "(+86)13905711234",
		"（139）0571-1234", "139、0571、1234", "139，0571，1234", "1 3 9 0 5 7 1 1 2 3 4", "13 90 57 11 23 4",
		"139\u200b0571\u200b1234", "139 - 0571 - 1234", "＋８６　１３９　０５７１　１２３４", "013905711234", "1390571 1234",
		"1.3905711234E10", "1.3905711234E+10", "13905711234.0", "一三九零五七一一二三四", "幺三九〇五七幺幺二三四", "𝟏𝟑𝟗𝟎𝟓𝟕𝟏𝟏𝟐𝟑𝟒",
	},
	"landline": {
		"0571-87654321", "057187654321", "0571 8765 4321", "(0571)87654321", "（0571）8765-4321",
		"０５７１－８７６５４３２１", "+86 571 8765 4321", "0086-571-87654321", "0571.87654321", "0571、87654321",
	},
	"landline of a great city": {"010-12345678", "01087654321", "010 8765 4321", "(010)87654321"},
	"landline of seven":        {"0574-8765432", "05748765432"},
	"card of 18": {
		"11010519491231002X", "11010519491231002x", "11010519491231002Ｘ", "110105 19491231 002X", "110105-19491231-002x",
		"１１０１０５１９４９１２３１００２Ｘ", "1101 0519 4912 3100 2x", "110105.1949.12.31.002X", "110105、19491231、002X", "（110105）19491231 002 X",
		"1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
	},
	"card with a wrong check digit": {"330106198001011234"},
	"card of 15":                    {"110105491231002", "110105 491231 002", "110105-491231-002", "１１０１０５４９１２３１００２", "1101-0549-1231-002"},
	"e-mail":                        {"zhang.san@example.com", "13905711234@139.com", "a_b+c@mail.gov.cn", "zhangsan＠qq.com"},
}

// surroundings are what an identity may stand in; %s is its place.
var surroundings = []string{
	"%s", "电话%s", "请联系%s,谢谢", "联系人:张某 %s", "%s(李女士)", "(%s)", "【%s】", "2026-11-23 06:53来电%s反映", "手机号码是%s。身份证另附",
	"共3次,%s", "第2次来电 %s 无人答复", "tel:%s;", "\"%s\"", "%s\n2026年", "2026-11-23,%s,5人", "金额12,000.00元 %s", "%s一直无人接听", "A%sB",
	"x%s", "%s、处理不了", "http://example.invalid/?phone=%s&n=1",
}

func TestMaskHidesEverySpelling(t *testing.T) {
	for kind, all := range spellings {
		for _, identity := range all {
			for _, around := range surroundings {
				if kind == "e-mail" && strings.ContainsAny(around, "AB?") || strings.HasSuffix(identity, ".0") && around != "%s" {
					continue
				}
				text := strings.Replace(around, "%s", identity, 1)
				got := Mask(text)
				if got == text {
					t.Errorf("%s: nothing hidden in %q", kind, text)
					continue
				}
				if rest := digitsOf(got); len(rest) > len(digitsOf(strings.Replace(around, "%s", "", 1)))+2 {
					t.Errorf("%s: %q became %q", kind, text, got)
				}
			}
		}
	}
}

// digitsOf is what a reader could put together again.
func digitsOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		if d, script := digit(r); script == arabic {
			b.WriteByte(d)
		}
	}
	return b.String()
}

func TestMaskSays(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"电话13905711234,身份证11010519491231002x", "电话[电话],身份证[证件号]"},
		{"(0571)87654321转801", "[电话]转801"},
		{"(+86) 139-0571-1234", "[电话]"},
		{"330106198001011234 13905711234", "[证件号] [电话]"},
		{"13905711234/13805711234", "[电话]/[电话]"},
		{"2026-11-15 139 0571 1234", "2026-11-15 [电话]"},
		{"座机87654321", "座机[电话]"},
		{"办公电话:8765-4321", "办公电话:[电话]"},
		{"写信到 zhang.san@example.com.", "写信到 [邮箱]."},
		{"13905711234一直打不通", "[电话]一直打不通"},
		{"\xff13905711234\xff", "\xff[电话]\xff"},
	} {
		if got := Mask(c.text); got != c.want {
			t.Errorf("Mask(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestMaskLeavesTheRest(t *testing.T) {
	for _, text := range []string{
		"", "路灯不亮", "2026-11-23 06:53:01", "2026年11月23日06时53分", "20261123065301", "2026/11/15 18:30", "2026-11-15 1530",
		"自2026-11-13 05:12至2026-11-15 18:00", "15:30-17:45 13:00-18:00",
		"欠薪138,000,000.00元", "158000000.00元", "15,380,000元", "1380000元",
		"330106001001", "130102001001", "330106", "属地330106001,3人", "130.28463512,46.81234567",
		"工单20261123000123", "WX2026112300001234", "订单1390571123456", "流水13905711234567890123", "20261123000000000000001",
		"330106202611230001", "13、15、17、18、19、20号", "1、3、5、7、9、11、13、15号楼", "150、160、170、18号",
		"91330106MA27XYZ12X", "拨打12345、110、12388", "3幢2单元1803室", "@某人", "a@b", "第一、三、五条", "二〇二六年十一月二十三日",
		"1.0E10", "统一信用代码913301067654321098", "87654321号", "电话20261123打的",
	} {
		if got := Mask(text); got != text {
			t.Errorf("Mask(%q) = %q, want it as it is", text, got)
		}
	}
}

// maskable is an oracle that shares no code with Mask: plain spellings only.
var maskable = regexp.MustCompile(`(?:^|[^0-9０-９])1[3-9][0-9]{9}(?:[^0-9０-９]|$)`)

func FuzzMask(f *testing.F) {
	for _, all := range spellings {
		for _, identity := range all {
			f.Add("电话" + identity + "、2026-11-23")
		}
	}
	for _, text := range []string{"+(139)0571-1234", "电话13905711234 87654321", "110105194912310024x", "1.3905711234E+1013905711234", "@13905711234@1.2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Mask(text)
		if twice := Mask(once); twice != once {
			t.Errorf("Mask(%q) = %q, and again %q", text, once, twice)
		}
		if left := maskable.FindString(once); left != "" {
			t.Errorf("Mask(%q) = %q leaves %q", text, once, left)
		}
		normal := Normalise(text)
		if again := Normalise(normal); again != normal {
			t.Errorf("Normalise(%q) = %q, and again %q", text, normal, again)
		}
	})
}

func TestMaskAllocatesNothingForPlainText(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Mask(plainText) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

var plainText = strings.Repeat("小区门口的路灯坏了三个月,多次反映至今未修,晚上出行很不安全,请有关部门尽快处理。", 20)

func BenchmarkMask(b *testing.B) {
	for name, text := range map[string]string{
		"plain":  plainText,
		"dates":  plainText + "2026-11-23 06:53,工单20261123000123",
		"phones": plainText + "电话139-0571-1234,身份证11010519491231002x",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Mask(text)
			}
		})
	}
}
