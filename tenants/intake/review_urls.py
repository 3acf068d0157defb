urlpatterns: list = []
app_name = "review"
