SELECT max(as_of) FROM ticks WHERE ({trigger:String} = '' OR trigger = {trigger:String})
