SELECT formatQuery({{statement}})
