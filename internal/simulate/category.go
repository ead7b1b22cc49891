package simulate

// kind says what a complaint of a content class is about (投诉对象).
type kind uint8

const (
	company kind = iota // a firm
	estate              // a residential estate and its property manager
	site                // a building site
	shop                // a shop or restaurant
	road                // a stretch of road
	officer             // an office's employee, by staff number
	kinds
)

// Category is a content class (内容分类) of three levels, of the simulator's own
// writing.
type Category struct {
	Name   [3]string
	Hard   bool // weighs on the hazards
	Shared bool // weighs on the hazards

	township bool // the township decides, else the district
	bureau   int  // which district bureau answers
	weight   float64
	about    kind
	says     []string // what people say; {s} is the subject, {p} the place
}

// District bureaus by number; the townships' governments follow them.
const (
	housing = iota
	urbanManagement
	labour
	land
	market
	environment
	police
	transport
	education
	health
	civilAffairs
	agriculture
	water
	insurance
	safety
	culture
	veterans
	justice
	demolition
	discipline
	bureauCount
)

func bureauNames() []string {
	return []string{"住房和城乡建设局", "综合行政执法局", "人力资源和社会保障局", "规划和自然资源局", "市场监督管理局",
		"生态环境局", "公安分局", "交通运输局", "教育局", "卫生健康局", "民政局", "农业农村局", "水务局",
		"医疗保障局", "应急管理局", "文化和旅游局", "退役军人事务局", "司法局", "房屋征收中心", "纪委监委"}
}

// categories is the tree. Purposes other than complaints and requests have
// classes of their own at its end.
func categories() []Category {
	const hard, shared, both, plain = 1, 2, 3, 0
	var list []Category
	add := func(l1, l2, l3 string, flags int, township bool, bureau int, weight float64, about kind, says ...string) {
		list = append(list, Category{Name: [3]string{l1, l2, l3}, Hard: flags&hard != 0, Shared: flags&shared != 0,
			township: township, bureau: bureau, weight: weight, about: about, says: says})
	}
	add("城乡建设", "物业管理", "物业服务", shared, true, housing, 6, estate,
		"{s}物业长期不打扫楼道，垃圾堆在门口无人清运", "{s}的电梯三天两头停运，物业只说在等配件", "{s}物业收了费却不巡逻，地下车库多辆车被划")
	add("城乡建设", "物业管理", "物业收费", shared, true, housing, 3, estate,
		"{s}物业未经业主同意上调物业费", "{s}物业以停水停电催缴停车费", "{s}物业公共收益多年不公示")
	add("城乡建设", "物业管理", "业主委员会", shared, true, housing, 1.5, estate,
		"{s}业委会换届程序不公开，选票没有公示", "{s}业委会动用维修资金未征求业主意见")
	add("城乡建设", "房屋建筑", "房屋质量", both, false, housing, 3, estate,
		"{s}交付不到一年外墙大面积渗水", "{s}楼板出现贯穿裂缝，开发商只肯做表面修补", "{s}地下室逢雨必淹")
	add("城乡建设", "房屋建筑", "逾期交房", both, false, housing, 2, estate,
		"{s}约定去年底交房，现在仍未完工", "{s}停工半年，购房款已付清，房贷还在每月扣")
	add("城乡建设", "房屋建筑", "产权办理", shared, false, land, 1.5, estate,
		"{s}入住三年仍办不了不动产证", "{s}开发商拖欠税费，导致业主无法办证")
	add("城乡建设", "房屋征收", "征收补偿", hard, false, demolition, 2.5, site,
		"{s}项目征收时房屋面积少算，补偿款至今没有补足", "{s}拆迁安置房迟迟不分，过渡费也停发了", "{s}征收评估价明显低于周边")
	add("城乡建设", "房屋征收", "安置房屋", both, false, demolition, 1.5, site,
		"{s}安置房已封顶两年仍未交付", "{s}安置房漏水严重，物业与施工单位互相推")
	add("城乡建设", "城乡规划", "违章建筑", plain, true, urbanManagement, 3, estate,
		"{s}一楼住户私自搭建阳光房，挡住楼上采光", "{p}有人占用公共通道盖房，举报后没有拆除", "{s}顶楼违建改变屋面结构，楼下漏水")
	add("城乡建设", "城乡规划", "规划调整", shared, false, land, 0.8, site,
		"{s}地块规划由绿地改为商业，没有征求周边居民意见")
	add("城乡建设", "市政设施", "道路破损", plain, false, urbanManagement, 3, road,
		"{s}路面坑洼，雨天积水，电动车多次摔倒", "{s}井盖松动，车一过就响，夜里没法睡")
	add("城乡建设", "市政设施", "路灯照明", plain, false, urbanManagement, 2, road,
		"{s}路灯整段不亮，已有半个月", "{s}新装的路灯对着卧室窗户，刺眼")
	add("城乡建设", "市政设施", "供水排水", plain, false, water, 2.5, estate,
		"{s}自来水发黄有异味", "{s}污水管堵塞，粪水倒灌进一楼", "{s}水压太低，高层早晚没水")
	add("城乡建设", "市容环境", "垃圾清运", plain, true, urbanManagement, 3, estate,
		"{s}垃圾桶满溢三天没人收", "{p}有人夜里偷倒建筑垃圾", "{s}垃圾房设在楼下，臭味很大")
	add("城乡建设", "市容环境", "占道经营", plain, true, urbanManagement, 3, shop,
		"{s}占用人行道摆摊，油烟直冲居民楼", "{s}每晚把桌椅摆到马路上，噪声到凌晨")
	add("城乡建设", "施工管理", "施工噪声", shared, false, urbanManagement, 4, site,
		"{s}半夜仍在打桩，老人孩子无法休息", "{s}凌晨浇筑混凝土，没有夜间施工许可")
	add("城乡建设", "施工管理", "施工扬尘", shared, false, housing, 2, site,
		"{s}不洒水不覆盖，灰尘飘进屋里", "{s}渣土车不冲洗，把路面弄得全是泥")
	add("城乡建设", "施工管理", "施工安全", shared, false, safety, 1.2, site,
		"{s}基坑开挖后旁边房屋墙体开裂", "{s}塔吊从居民楼上方越过，没有防护")
	add("劳动保障", "劳动报酬", "拖欠工资", both, false, labour, 5, company,
		"{s}拖欠三个月工资，负责人电话不接", "{s}欠农民工工钱，项目经理说等结算", "{s}离职后扣发最后一个月工资和提成")
	add("劳动保障", "劳动报酬", "加班费用", shared, false, labour, 1.5, company,
		"{s}长期要求每周上六天班，不付加班费")
	add("劳动保障", "社会保险", "社保缴纳", shared, false, labour, 2.5, company,
		"{s}入职两年未缴社保", "{s}按最低基数缴社保，与实际工资不符")
	add("劳动保障", "社会保险", "待遇领取", hard, false, labour, 1.5, company,
		"在{s}工作期间的工龄没有计入养老金", "退休手续因{s}档案缺失一直办不下来")
	add("劳动保障", "劳动关系", "辞退补偿", plain, false, labour, 2, company,
		"{s}单方面辞退，不给经济补偿", "{s}逼员工签自愿离职书")
	add("劳动保障", "劳动关系", "工伤认定", hard, false, labour, 1.2, company,
		"在{s}上班时受伤，公司拒绝申报工伤", "{s}工伤赔偿谈了半年没有结果")
	add("自然资源", "土地征收", "征地补偿", both, true, land, 3, site,
		"{s}征地款分配方案没有张榜，部分农户没拿到钱", "{s}占用承包地多年未签协议", "{s}征地时青苗补偿标准前后不一")
	add("自然资源", "土地管理", "违法占地", hard, true, land, 1.5, company,
		"{s}占用基本农田建厂房", "{s}在河滩地上硬化场地停车")
	add("自然资源", "土地管理", "宅基地", hard, true, land, 2, officer,
		"{p}宅基地申请三年没有结果，经办人{s}说名额没有", "邻居建房越界，{p}多次调解未果")
	add("自然资源", "土地管理", "山林权属", hard, true, land, 0.8, site,
		"{s}山林界址不清，两个村民小组争执多年")
	add("农业农村", "村务管理", "村务公开", shared, true, agriculture, 1.5, officer,
		"{p}集体资产出租没有公开，经手人{s}不肯出示账目", "{p}多年没有公示财务")
	add("农业农村", "村务管理", "集体收益", both, true, agriculture, 1.2, site,
		"{s}租金没有分到户", "外嫁女被取消{s}股份分红")
	add("农业农村", "农村建设", "农村道路", plain, true, transport, 1.5, road,
		"{s}修了一半停工，下雨出不了门")
	add("农业农村", "农村建设", "农田水利", plain, true, water, 1.2, site,
		"{s}施工堵了灌溉渠，稻田缺水")
	add("市场监管", "消费纠纷", "预付消费", both, false, market, 4, shop,
		"{s}关门跑路，会员卡里的钱退不回来", "{s}换了老板，不承认原来的充值卡", "{s}办卡时承诺随时可退，现在百般推脱")
	add("市场监管", "消费纠纷", "商品质量", plain, false, market, 3, shop,
		"在{s}买的家电三个月坏了两次，不给退换", "{s}卖过期食品", "{s}以次充好，拒绝开发票")
	add("市场监管", "消费纠纷", "退款退费", plain, false, market, 3, shop,
		"{s}拒绝退还定金", "{s}培训课没上完，机构不退学费")
	add("市场监管", "市场秩序", "食品安全", shared, false, market, 2, shop,
		"在{s}就餐后全家腹泻", "{s}后厨卫生差，发现蟑螂")
	add("市场监管", "市场秩序", "价格收费", plain, false, market, 1.5, shop,
		"{s}结账价格与标价不符", "{s}停车场收费没有公示牌")
	add("市场监管", "市场秩序", "无证经营", plain, false, market, 1.2, shop,
		"{s}没有营业执照，长期经营")
	add("生态环境", "大气污染", "工业废气", shared, false, environment, 2.5, company,
		"{s}夜间偷排废气，整个小区有刺鼻气味", "{s}喷漆车间不关门，孩子咳嗽不止")
	add("生态环境", "大气污染", "餐饮油烟", plain, false, environment, 2, shop,
		"{s}油烟管道正对居民窗户", "{s}没有油烟净化设备")
	add("生态环境", "水体污染", "河道污染", shared, true, environment, 1.5, company,
		"{s}往河里排黑水，鱼都死了", "{p}河道发黑发臭，疑似{s}偷排")
	add("生态环境", "噪声污染", "社会噪声", plain, false, police, 3, shop,
		"{s}广场舞音响从早放到晚", "{s}空调外机轰鸣，夜里分贝超标", "楼上装修不分时段，找{s}协调没用")
	add("交通运输", "公共交通", "公交线路", shared, false, transport, 2, road,
		"{s}公交改线后老人看病要转两趟车", "{s}早高峰公交等四十分钟")
	add("交通运输", "公共交通", "出租客运", plain, false, transport, 1.2, company,
		"{s}司机绕路拒载", "{s}网约车多收费")
	add("交通运输", "道路交通", "停车管理", plain, false, police, 3, estate,
		"{s}周边乱停车，消防通道被堵", "{s}固定车位被外来车长期占用")
	add("交通运输", "道路交通", "信号标线", plain, false, police, 1.5, road,
		"{s}路口绿灯时间太短，老人过不完马路", "{s}标线磨光，事故多")
	add("公共安全", "社会治安", "治安处置", hard, false, police, 2, officer,
		"被打伤报警后迟迟没有处理结果，承办人{s}不回电话", "邻里冲突报警，{s}只登记不处理")
	add("公共安全", "社会治安", "电信诈骗", plain, false, police, 1.5, company,
		"被冒充{s}客服骗走两万元，报案后没有进展")
	add("公共安全", "社会治安", "非法集资", both, false, police, 1, company,
		"{s}以高息理财吸收老人存款，到期兑付不了", "{s}承诺返利，现在人去楼空")
	add("公共安全", "消防安全", "消防隐患", shared, true, safety, 1.8, estate,
		"{s}消防栓没有水", "{s}楼道堆满杂物和电动车，飞线充电")
	add("教育卫生", "学校教育", "入学划片", both, false, education, 1.5, estate,
		"{s}交房后学区被重新划出，孩子没处上学")
	add("教育卫生", "学校教育", "学校管理", shared, false, education, 1.5, company,
		"{s}食堂饭菜有异物，家长要求公开供应商", "{s}违规组织有偿补课")
	add("教育卫生", "医疗服务", "医疗纠纷", hard, false, health, 1.5, company,
		"{s}手术后感染，院方推卸责任", "{s}误诊耽误治疗，病历不给复印")
	add("教育卫生", "医疗服务", "医保报销", plain, false, insurance, 2, company,
		"在{s}异地住院回来报不了销", "{s}医保结算比例与政策不符")
	add("民政救助", "社会救助", "低保救助", plain, true, civilAffairs, 2, officer,
		"申请低保被{s}退回，没有说明理由", "家里有重病人，临时救助还没批下来")
	add("民政救助", "社会救助", "残疾保障", plain, true, civilAffairs, 1, officer,
		"残疾补贴停发两个月，{s}让等通知")
	add("民政救助", "优抚安置", "优抚待遇", both, false, veterans, 1, officer,
		"退役安置待遇没有落实，{s}一直说在研究")
	add("民政救助", "养老服务", "养老机构", shared, false, civilAffairs, 0.8, company,
		"{s}预收的养老床位费退不出来")
	add("政法司法", "执行诉讼", "判决执行", hard, false, justice, 1, company,
		"判决{s}赔偿已生效一年，执行不到位")
	add("政法司法", "执行诉讼", "法律服务", plain, false, justice, 0.6, company,
		"{s}收了代理费不办事")
	add("纪检监察", "干部作风", "推诿扯皮", plain, false, discipline, 0, officer,
		"{s}办事推诿，让群众来回跑", "{s}态度恶劣，开会期间打牌")
	add("纪检监察", "违纪违法", "以权谋私", plain, false, discipline, 0, officer,
		"{s}利用职务便利把工程包给亲属", "{s}收受红包，侵占集体资金")
	add("其他事项", "政策咨询", "社保政策", plain, false, labour, 0, company,
		"想问从{s}离职后社保怎么转移", "请问灵活就业人员如何参保")
	add("其他事项", "政策咨询", "住房政策", plain, false, housing, 0, estate,
		"请问{s}什么时候可以申请加装电梯", "请问公租房申请需要哪些材料")
	add("其他事项", "政策咨询", "证件办理", plain, false, police, 0, officer,
		"请问居住证到期后怎么续签", "想了解{p}新生儿落户流程")
	add("其他事项", "意见建议", "城市管理", plain, false, urbanManagement, 0, road,
		"建议在{s}增设过街天桥", "建议{s}两侧补种行道树")
	add("其他事项", "意见建议", "公共服务", plain, true, civilAffairs, 0, estate,
		"建议在{s}附近建一个社区食堂", "建议{p}延长图书室开放时间")
	add("其他事项", "表扬感谢", "服务表扬", plain, true, civilAffairs, 0, officer,
		"感谢{s}耐心帮助，问题两天就解决了", "表扬{s}冒雨抢修")
	return list
}
