urlpatterns: list = []
app_name = "intake"
