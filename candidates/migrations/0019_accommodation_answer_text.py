from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("candidates", "0018_interview_room_required")]

    operations = [migrations.RenameField("accommodationwish", "words", "answer_text")]
